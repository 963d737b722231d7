"""Parameters of a URL that follow people around: what page is shown does not depend on them.

Each is named in the documentation of the platform that adds it. A name that sites also use for something else (``ref``, ``source``,
``cid``, ``id``) is in no list; where one platform alone uses it so, it counts on that platform's hosts only.
"""

from __future__ import annotations

from typing import Final

#: Names that begin like this are a campaign's: Google and Matomo (also as Piwik), HubSpot, Mailchimp, Vero, Oracle Eloqua and
#: Maxymiser, Omeda, Salesforce Marketing Cloud, Webtrends, Coremetrics, Iterable, AT Internet's custom fields.
PREFIXES: Final = (
    "utm_", "mtm_", "matomo_", "pk_", "piwik_", "hsa_", "_hs", "__hs", "mc_", "vero_", "oly_", "sfmc_", "wt.mc_", "cm_mmc", "iterable_",
    "at_custom", "ga_", "fb_action_", "guce_", "_branch_", "omnisend",
)  # fmt: skip

#: Click, share and recipient identifiers, by who adds them.
NAMES: Final = frozenset(
    # Google Ads, Analytics and Merchant Center; Meta; Microsoft; X; LinkedIn; TikTok; Snapchat; Pinterest; Reddit; Quora; Yandex
    "gclid gclsrc dclid gbraid wbraid gad_source gad_campaignid _ga _gl _gac srsltid "
    "fbclid fb_ref fb_source mibextid igshid igsh msclkid ocid cvid oicd twclid ref_src ref_url "
    "li_fat_id trk trkcampaign trackingid lipi licu midtoken midsig ttclid sccid scid epik rdt_cid share_id qclid "
    "yclid ymclid _openstat "
    # Outbrain, Taboola, Criteo, Awin, Impact, CJ, Rakuten, Partnerize, eBay, Wicked Reports, Alibaba
    "dicbo oborigurl tblci tblclid cto_pld awc irclickid irgwc cjevent cjdata ranmid raneaid ransiteid clickref "
    "mkevt mkcid mkrid wickedid spm scm "
    # Marketo, HubSpot, Drip, Klaviyo, ActiveCampaign, Braze, Listrak, Bronto, Emarsys, Dotdigital, Beehiiv, Eloqua
    "mkt_tok hsctatracking __s _kx vgo_ee bxid trk_contact trk_msg trk_module trk_sid bta_tid bta_c sc_src sc_lid sc_llid sc_uid "
    "sc_customer sc_eh dm_i _bhlid bhlid elqtrackid elqtrack elqaid elqat elqcampaignid "
    # Adobe, AT Internet (Piano), comScore, AddThis, ShareThis, True Anthem, Echobox
    "s_cid s_kwcid ef_id adobe_mc xtor at_medium at_campaign at_link_id at_link_origin at_link_type at_format at_bbc_team at_ptr_name "
    "ns_source ns_mchannel ns_campaign ns_linkname ns_fee sr_share taid __twitter_impression "
    # Publishers' own: Yahoo, New York Times, Washington Post, Bloomberg, News Corp, CNN, CNBC
    "guccounter soc_src soc_trk smid smtyp itid wpisrc wpmm sref srnd leadsource sharetoken ncid cmpid icid "
    # Google's AMP cache and viewer
    "amp_js_v amp_gsa amp_lite".split()
)

#: What counts on a platform's own hosts, by the last two names of a host.
OF_HOSTS: Final[dict[str, frozenset[str]]] = {
    "youtube.com": frozenset("si feature t start ab_channel pp".split()),
    "twitter.com": frozenset("s t".split()),
    "x.com": frozenset("s t".split()),
    "theguardian.com": frozenset({"cmp"}),
    "tiktok.com": frozenset("_t _r is_from_webapp sender_device".split()),
    "substack.com": frozenset("r s showwelcomeonshare isfreemail triedredirect".split()),
    "blogspot.com": frozenset({"m"}),
    "spotify.com": frozenset({"si"}),
}


def tracks(name: str, host: str) -> bool:
    """Whether the parameter ``name`` only follows people around on ``host`` (canonical)."""
    name = name.lower()
    if name in NAMES or name.startswith(PREFIXES):
        return True
    return name in OF_HOSTS.get(".".join(host.rsplit(".", 2)[-2:]), ())
