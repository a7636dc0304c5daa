"""What free text says of somebody or of a secret."""

import re
from typing import Final

# What free text says of somebody or of a secret: `owner Jane Doe signed in`, `Password is …`. Behind the same words
# also stands what is no value: `user agent`, `password required`.
_PLAIN_WORD: Final = (
    r"(?i:a|about|accept\w*|account\w*|actions?|affinity|agent\w*|agreement|all|an|and|any|app\w*|are|as|ask\w*|at"
    r"|auth\w*|autofill|be|been|but|by|can\w*|change\w*|channels?|check\w*|chose|code|called|consent|could|count"
    r"|created?|credentials?|data\w*|decline\w*|defaults?|delet\w*|denied|devices?|did|do|does|domain|empty|enter\w*"
    r"|error|exists?|expir\w*|fail\w*|fields?|for|found|from|groups?|guide|had|has|hash\w*|have|here|history|ids?|if|in"
    r"|incorrect|info\w*|input|interact\w*|interface|into|invalid|is|it|language|left|level|list|locked|log\w*|manager|may"
    r"|missing|mode|must|mutable|named?|names|needed|needs|never|new|no|none|not|null|of|ok|on|only|or|pane|policy|policies"
    r"|press\w*|profiles?|prompt\w*|protect\w*|records?|reject\w*|remov\w*|request\w*|requir\w*|reset\w*|roles?"
    r"|selected|sees?|sessions?|set|settings?|should|sign\w*|space|still|store\w*|sync\w*|tap\w*|that|the|their|then|this"
    r"|to|too|types?|unknown|unset|updat\w*|valid|was|were|when|who|whose|will|with|without|would|wrong)(?![\w.@-]*[\w@-])"
)
_IS: Final = r"(?:\s{1,4}(?i:is|was|named|called))?\s{1,4}"
_REST: Final = r"""[^\s"\\\[=:][^"\\\r\n\[]*"""
SPOKEN: Final = {
    "person": re.compile(
        r"""((?<![\w-])(?i:user ?name|user|owner|employee|patient|nurse|technician|assigned to)"""
        rf"""{_IS})(?!{_PLAIN_WORD})([^\W\d_][^\s,;:&"'{{}}\[\]\\=()<>/]{{1,64}}+(?!=|:\S)(?:\s[A-ZÀ-Þ][\w.’'-]*+)*)"""
        rf"""|((?<![\w-])(?i:ssid){_IS})(?!{_PLAIN_WORD})({_REST})"""
    ),
    "secret": re.compile(
        rf"""((?<![\w-])(?i:password|passcode|passwd|passphrase|psk){_IS})(?!{_PLAIN_WORD})({_REST})"""
        rf"""|((?<![\w-])(?i:token|secret|api key){_IS})([\w+/=.~-]{{20,}}+)"""
        rf"""|((?<![\w-])(?i:pin|pin code){_IS})(\d{{4,12}}\b)"""
    ),
}
SPOKEN_PARTS: Final = {
    "person": ("user", "owner", "employee", "patient", "nurse", "technician", "assigned", "ssid"),
    "secret": ("pass", "psk", "token", "secret", "api key", "pin"),
}
