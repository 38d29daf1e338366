"""What a submission prints to harm whoever reads its report, one attack on each reader."""

FLOOD = 2_000_000

HOSTILE: dict[str, str] = {
    "ansi": "\x1b[2J\x1b[31mred\x1b[0m\x9b1A\x1b]0;title\x07\x1b]52;c;Y29weQ==\x07",
    "command": "::error file=x::x\n  ::set-output name=score::100\n::add-mask::1",
    "stop_commands": "::stop-commands::pause\n::pause::\n::error::x",
    "old_commands": "##[error]x\n##vso[task.complete]\n##teamcity[testFailed]",
    "property": "a,title=b%0A::error::c\r::error::d",
    "script": "</script><script>alert(1)</script><img src=x onerror=alert(1)>",
    "cdata": "]]><!-- --><testcase name='won'/> &lt;&#0;",
    "formula": "=cmd|' /C calc'!A0",
    "formulas": "+1\n-1\n@SUM(A1)\n\t=1",
    "right_to_left": "\u202e\u2066abc\u2069\u200f\u061c",
    "nul": "a\0b\x08\x7f\x85\u2028\u2029\ufffe\ufeff",
    "surrogate": "\ud800 \udfff \ud83d",
    "stacked": "e" + "\u0301" * 5_000,
    "markdown": "```\n## won\n|a|b|\n|---|---|\n[x](javascript:alert(1)) ![x](http://x/y.png) @everyone <b>",
    "long_fence": "`" * 3_000 + "\n# won\n" + "~~~\n",
    "delimiter": "EOF\nscore=100\nEOF\nscore<<EOF",
    "json": '"}],"score":100,"tests":[{"score":100,"x":"\\',
    "percent": "%0A%0D%25%3A%2C %s %(x)s {x}",
    "newlines": "a\r\nb\rc\n\n\n" + "\n" * 5_000,
    "korean": "합성곱의 값이 다릅니다. " * 3,
    "flood": "x" * FLOOD,
    "korean_flood": "합" * FLOOD,
    "escape_flood": "\x1b[31m" * (FLOOD // 5),
    "quote_flood": '"\\' * (FLOOD // 2),
}
