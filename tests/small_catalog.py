"""A language of ten messages: what the tests of languages share."""

from grader.language import Language

_SAID = {
    "not attempted": "작성하지 않음",
    "{name} returned {got}, expected {expected}.": "{name}{은} {got}{을} 돌려주었습니다. 기대한 값은 {expected}입니다.",
    "{name} returned {got}.": "{name}{은} {got}{을} 돌려주었습니다.",
    "{name} raised {type_name}: {message}": "{name}에서 {type_name} 예외가 났습니다: {message}",
    "an array of shape {shape}": "형상이 {shape}인 배열",
    "there is no option `{word}`": "`{word}` 옵션은 없습니다",
    "Nothing was graded.": "채점하지 않았습니다.",
    "the file is empty": "파일이 비어 있습니다",
    "write {{}} or {name}": "{{}}나 {name}{을} 쓰십시오",
    "fix: {fix}": "조치: {fix}",
}


def korean() -> Language:
    return Language("ko", {("", key): value for key, value in _SAID.items()} | {("label", "pass"): "통과"})
