"""Owns what columns of rosters are called, in the languages of the platforms that export them.

In: a column's heading as it stands in a file. Out: the field that it means, or none.
The rule: a heading is compared without case, blanks and punctuation, and only as a whole: "Grade" is never "grader".
"""

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

# Each field and what a message calls it.
FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "id": "id",
        "sis_id": "SIS id",
        "login": "login",
        "email": "e-mail address",
        "canvas_id": "Canvas id",
        "moodle_id": "Moodle identifier",
        "name": "name",
        "first_name": "first name",
        "last_name": "last name",
        "section": "section",
        "language": "language",
    }
)

_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "id": """id|student id|sid|student number|student no|id number|university id|matriculation number
            |matrikelnummer|matrikelnr|matr nr|id-nummer|matricula|matrícula|número de id
            |numero de identificación|número de identificação|numéro d'identification|numéro étudiant
            |numéro d'étudiant|legajo|numero di matricola|학번|학생 번호|학생 ID|학생아이디|개인 식별번호|学号
            |學號|学籍番号|学生番号|IDナンバー|номер студента|индивидуальный номер""",
        "sis_id": "sis user id|sis id|sis_user_id",
        "canvas_id": "canvas id|canvas user id|canvas_id",
        "moodle_id": """identifier|식별자|identificador|identifiant|識別子|識別碼|标识符|標識符|идентификатор
            |identificatore|identificativo|tanımlayıcı|identificatie""",
        "login": """login|login id|sis login id|username|user|user id|netid|account|github|아이디|로그인
            |로그인 ID|사용자 아이디|사용자이름|사용자명|계정|anmeldename|benutzername|nombre de usuario|usuario
            |nom d'utilisateur|nome de usuário|ユーザ名|ユーザー名|用户名|帳號|логин""",
        "email": """email|email address|mail|e-mail-adresse|correo electrónico|correo|dirección de correo
            |dirección email|dirección de correo electrónico|adresse de courriel|courriel|adreça electrònica
            |indirizzo email|e-mailadres|endereço de e-mail|이메일|이메일 주소|전자우편|메일|메일 주소|メール
            |メールアドレス|邮箱|电子邮件|電子郵件|адрес электронной почты|почта""",
        "name": """name|full name|student|student name|display name|이름|성명|학생 이름|학생명|전체 이름|姓名
            |氏名|フルネーム|名前|vollständiger name|nombre|nombre completo|nom|nom complet|nome|nome completo
            |cognome e nome|volledige naam|фио|полное имя|tam adı|ad soyad""",
        "first_name": """first name|given name|vorname|prénom|prenom|名|имя|nombre(s)|voornaam|이름(first name)""",
        "last_name": """last name|surname|family name|nachname|nom de famille|apellidos|apellido|cognome
            |sobrenome|achternaam|성|姓|фамилия""",
        "section": """section|sections|group|groups|class|분반|반|그룹|모둠|gruppe|gruppen|grupo|grupos|groupe
            |groupes|gruppo|班级|班級|グループ|группа|группы""",
        "language": "language|lang|locale|preferred language|언어|sprache|idioma|langue|lingua|言語|语言|語言|язык",
    }
)


def plain(heading: str) -> str:
    """Write a heading without case, blanks and punctuation: "E-mail Address" is "emailaddress"."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", heading).casefold())


_FIELD_BY_NAME: Mapping[str, str] = MappingProxyType(
    {plain(name): field for field, names in _NAMES.items() for name in names.split("|")}
)


def field_of(heading: str) -> str:
    """Give the field of `FIELDS` that a heading means, or ""."""
    return _FIELD_BY_NAME.get(plain(heading), "")
