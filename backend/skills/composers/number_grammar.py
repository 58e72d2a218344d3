"""The grammar of numbers in business writing, Indian first: prices, years, telephone numbers.

Only patterns live here; `quantities` reads with them.
"""

import re

SCALES = {"thousand": 1e3, "lakh": 1e5, "lac": 1e5, "crore": 1e7, "million": 1e6, "billion": 1e9}
SCALES |= {"k": 1e3, "l": 1e5, "cr": 1e7, "m": 1e6, "mn": 1e6, "bn": 1e9}

CURRENCIES = {"₹": "INR", "rs": "INR", "inr": "INR", "re": "INR", "rupee": "INR", "paise": "INR"}
CURRENCIES |= {"$": "USD", "us$": "USD", "usd": "USD", "dollar": "USD", "cent": "USD"}
CURRENCIES |= {"€": "EUR", "euro": "EUR", "£": "GBP", "¥": "JPY", "dh": "AED", "dhs": "AED"}
CURRENCIES |= {"s$": "SGD", "a$": "AUD", "c$": "CAD", "r$": "BRL", "nz$": "NZD", "hk$": "HKD"}
CURRENCIES |= {"₵": "GHS", "gh₵": "GHS", "₦": "NGN", "₱": "PHP", "₫": "VND", "₩": "KRW", "₪": "ILS"}
CURRENCIES |= {"₽": "RUB", "₺": "TRY", "฿": "THB", "ksh": "KES", "rm": "MYR", "₨": ""}
_CODES = (
    "EUR GBP AED SGD AUD CAD NZD HKD CHF JPY CNY SAR QAR OMR KWD BHD ZAR MYR THB IDR PHP VND KRW LKR NPR PKR"
    " BDT KES NGN GHS EGP ILS TRY BRL MXN SEK NOK DKK PLN CZK HUF"
)
CURRENCIES |= {code.lower(): code for code in _CODES.split()}
CURRENCIES |= {"usdc": "USD", "usdt": "USD", "sol": "SOL", "eth": "ETH", "btc": "BTC", "xrp": "XRP"}
HUNDREDTHS = {"paise", "cent"}

_COUNTED = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    " seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety hundred"
NUMBER_WORDS = {word: n for n, word in enumerate(_COUNTED.split())}
NUMBER_WORDS |= {word: 10 * n for n, word in enumerate(_TENS.split(), start=2)}

# ---------------------------------------------------------------- pieces of the grammar

NUM = r"(?:\d{1,3}(?:,\d{2,3})+|\d+)(?:\.\d+)?"
EURO_NUM = r"(?:\d{1,3}(?:\.\d{3})+|\d+),\d{2}(?!\d)"  # 1.299,00: only beside a euro sign
SCALE = r"(?:\s?(?:lakhs?|lacs?|crores?|cr|thousand|million|mn|billion|bn)\b|[kKLM]\b)"
_SIGNS = r"₹|(?:US|NZ|HK|(?<!\w)[SACR])?\$|€|£|¥|(?:GH)?₵|₦|₱|₫|₩|₪|₽|₺|฿|₨"
_ISO = "|".join(["INR", "USD", *_CODES.split()])
BEFORE = rf"(?:{_SIGNS}|\bRs\.?|\bRe\.|\bDhs?\.?|\bKSh\.?|(?-i:\bRM|\b(?:{_ISO}))\.?)"
_COINS = r"\b(?:USD[CT]|SOL|ETH|BTC|XRP)\b"
"""Only behind a number: "$5 USDC" is dollars already."""
AFTER = (
    r"(?:/-|₹|€|£|\$|(?:rs|rupees?|paise|dollars?|cents?|euros?|dhs?)\b"
    rf"|(?-i:\b(?:{_ISO})\b|{_COINS}))"
)
MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)"
)
YEAR = r"(?:19[5-9]\d|20[0-4]\d)"
NOUNS = (
    r"(?:(?:working|business|filing|paid|active|calendar)\s)?(?:minutes?|hours?|days?|nights?|weeks?|months?"
    r"|years?|shifts?|states?|cities|countries|firms?|companies|customers?|clients?|clinics?|stores?|shops?"
    r"|users?|people|members?|partners?|sizes?|flavou?rs?|colou?rs?|units?|plants?|branches|offices"
    r"|locations?|schools?|bursts?|demos?|sessions?|visits?|times|rooms?|seats?|steps?|plans?)"
)

_VERSIONED = (
    "C?Python|PyPy|Apache|L?GPL|MPL|BSD|Node(?:\\.js)?|Java|PHP|Ruby|Rust|Windows|Android|iOS|macOS|Ubuntu|Debian|Django|Rails|React|Angular"
    "|CC[ -]BY(?:-[A-Z]+)*|SDK|Postgre(?:s|SQL)|MySQL|Redis|Chrome|Firefox|version|OAuth|OpenAPI|TLS"
    "|USB|Bluetooth|Llama|GPT|Claude|Gemini|Sonnet|Haiku|Opus"
    "|Licen[cs]e|MIT|WCAG|SOC|DSS|iPhone|Galaxy|Pixel"
)

_LINKS = "or|and|of|to|in|for|is|are|the|an?|with|from|that|by|on|at|as|was|has|does|its|us|this|thus|plus"
_NO_LINK = rf"(?!(?:{_LINKS})\b)"
PLURAL = (
    rf"(?:{_NO_LINK}[a-z][\w-]*\s){{0,3}}{_NO_LINK}(?!always\b|across\b|less\b)[a-z][\w-]*[^\Ws]s\b"
)
"""What several of something end in, with up to three words before it: "four Pro tier tools"."""

BOUNDS = r"(?:over|under|sub|top|first|per)-"
"""What may be joined to a number that counts: "over-500-character titles"; "ap-south-1" counts nothing."""

# What looks like a number but measures nothing; tried first, so that its digits are used up.
NOISE = "|".join(
    [
        r"https?://\S+|www\.\S+|[\w.+-]+@[\w.-]+",  # addresses
        r"\b[\w-]+\.(?:com|in|org|net|io|co|app|dev|ai)\b\S*",
        # telephone numbers
        r"(?<!\w)\+\d{1,3}[\s-]?\d[\d\s-]{6,14}\d|(?<![\w,.₹])\d{5}[\s-]?\d{5}(?![\d,])",
        r"\b0\d{2,4}[\s-]\d{6,8}\b|\b\d{3}[-.]\d{3}[-.]\d{4}\b|(?:phone|tel|call|whatsapp)\W{1,3}[\d\s()-]{7,16}\d",
        r"(?-i:\b\d{2}[A-Z]{5}\d{4}[A-Z]\w{3}\b|\b[A-Z]{5}\d{4}[A-Z]\b)",  # GSTIN, PAN
        r"(?-i:\b(?:ISO|IEC|IS|EN|BIS|HSN|SAC|PIN|ZIP|RFC|PEP|EIP|ERC|BIP|FIPS|NIST|ECMA|FSSAI)"
        r"(?:[\s/]*(?:IEC|No\.?|code|Lic\.?))*[\s:\-]*\d[\d:./\-]*|\bFortune\s\d+|\bS&P\s\d+)",
        r"\b1099(?:-\w+)?\b|\b40[13]\s?\([bk]\)",  # tax forms and what they are for
        # a thing's number, not a number of things: "Plot 7", "Form 16"
        r"(?-i:\b(?:GSTR|Form|Section|Sec|[Pp]lot|Slide|Page|Chapter|Step|Fig|Figure|Table|Floor|Lane|Room|Flat"
        r"|Shop|House|Block|Article|Art|Option|Appendix|Schedule|Annex|Phase|Sector|Gate|Ward|Unit|Day)\s*(?:No\.?|#|-)?\s*\d{1,6}[A-Z]?\b(?!\s*%))",
        r"\b(?:No|Nos)\.\s*\d+(?:/\d+)?",
        r"\b(?:(?-i:Tier|Level|Path|Part|Stage|Method|Lesson|Example|Exercise|Question|Version|Volume|Week|Suite)"
        r"|layers?|levels|steps|lines?|pages|issue|chapters?|chain(?: id)?|zip)\s+\d+"
        r"(?:\s?(?:-|,|to|and|or)\s?\d+)*\b(?!\s*%)",
        r"(?<!\w)v\d+(?:\.\d+)*\b|\b\d+\.\d+\.\d+(?:\.\d+)*\b"  # versions
        r"|\b\d+(?:\.\d+)*\.x\b|\bx(?:86|64)[\w-]*",
        # Python 3.11, 3.12 and 3.13; Apache 2.0
        rf"\b(?:{_VERSIONED})(?:[\s-]\s*|\s*[<>=~^≥≤]+\s*)v?\d+(?:\.\d+)*\b\+?"
        r"(?:(?:,\s|,?\s(?:and|or|to)\s|/|-)\d+\.\d+\b\+?)*",
        r"\bHTTPS?/\d(?:\.\d)?\b|\b\d+xx\b|\b\d+-on-\d+\b|\bports?\s+\d+\b|(?<![\d.,:])0\d+\b(?![.,:]\d)",
        r"\[\^?\d+\]|\b\d+/\d+(?:st|nd|rd|th)\b|\b[a-z]\w*_\w*=\S+",  # notes, fractions, settings
        r"\b0x[\da-f]*|(?<!\w):\d{2,5}\b",  # addresses in memory, ports
        # answers of a server
        r"\bHTTP[\s/]*[*_]*\d{3}\b|\b[45]\d\d\s+(?:errors?|responses?|challenge|payment required)\b"
        r"|\b(?:return(?:s|ed|ing)?|answers?|status|envelope|a|non)[\s-][*_]*[2-5]\d\d\b"
        r"(?=\s*(?:[.,;:)\"]|$|error|response|challenge|with\b|on\b|is\b))",
        r"\b\d{1,5}\s(?:\d{1,3}\s)?(?-i:Ave|Avenue|Street|St|Road|Rd|Lane|Blvd|Drive)\b",
        r"\b24\s?[x/]\s?7\b|\b\d+:\d+(?::\d+)?(?!\s*[ap]\.?m\b)",  # ratios, clocks
        r"\b\d+(?:st|nd|rd|th)\b(?!\s+" + MONTH + ")",
        # GSTR-2B, 3PL, B12
        rf"(?-i:\b(?!(?i:{BOUNDS}))[A-Za-z]+-?[A-Za-z]*-\d+\w*\b|\b(?:10|8)-[KQ]\b"
        r"|\b\d+(?!(?:[KMGT]B|K[GMW]|MW|M[LM]|CM)\b)[A-Z]{1,2}\b(?<![KLM])"
        r"|\b[A-Z]+\d+[A-Z\d]*\b)",
        r"(?:^|(?<=\s))\d{1,2}[.)]\s+(?=[A-Za-z])",  # 1. First
        r"#\d+|\b\d+(?:\^|e)\d+\b",
    ]
)
LEXER = re.compile(
    "|".join(
        [
            rf"(?P<date>\b\d{{1,2}}[/\-.]\d{{1,2}}[/\-.]\d{{4}}\b|\b{YEAR}-\d{{2}}-\d{{2}}\b"
            rf"|\b\d{{1,2}}(?:st|nd|rd|th)?\s+{MONTH},?\s+{YEAR}\b"
            rf"|\b{MONTH}\.?\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+{YEAR}\b|\b{MONTH}[\s']+{YEAR}\b"
            rf"|\bFY\s?'?\d{{2,4}}(?:-\d{{2,4}})?\b|\b{YEAR}-\d{{2}}\b(?!\d|-))",
            rf"(?P<euro>€\s?{EURO_NUM}|{EURO_NUM}\s?(?:€|EUR\b))",
            rf"(?P<price>{BEFORE}\s?{NUM}{SCALE}?(?:\s?/-)?)",
            rf"(?P<percent>(?<![\w.]){NUM}\s?(?:%|per\s?cent\b|percent\b))",
            rf"(?P<noise>{NOISE})",
            rf"(?P<price_after>(?<![\w.]){NUM}{SCALE}?\s?{AFTER})",
            rf"(?P<year>(?<![\w,./]){YEAR}(?![\d%+]|,\d|\.\d|/\d))",
            rf"(?P<count>(?<![\w.₹])(?:{NUM})(?:\s?(?:lakhs?|lacs?|crores?|cr|thousand|million|mn|billion|bn)\b"
            rf"|[kK]\b|M\b(?=\+|\s[a-z])|(?-i:M)\b(?=\s*(?:[|,;)]|$)))?|(?<=\s)\.\d+)",
            rf"(?P<word>\b(?:{'|'.join(NUMBER_WORDS)})(?=[\s-]+{NOUNS}\b)"
            rf"|\b(?:{'|'.join(w for w, n in NUMBER_WORDS.items() if n > 1)})(?=[\s-]+{PLURAL}))",
        ]
    ),
    re.I,
)
NUMBER = re.compile(rf"{NUM}|(?<![A-Za-z])\.\d+")
CODE_AFTER = re.compile(rf"\s?({_ISO})\b")
SCALE_TAIL = re.compile(r"(lakh|lac|crore|cr|thousand|million|mn|billion|bn|k|l|m)s?\b", re.I)
CURRENCY_SIGN = re.compile(
    rf"{_SIGNS}|\b(?:Rs|Re|Dhs?|KSh)(?=[.\s\d])|\brs\b|(?-i:\bRM(?=\s?\d)|\b(?:{_ISO})\b)"
    rf"|rupee|paise|dollar|\bcents?\b|\beuro|/-|(?-i:{_COINS})",
    re.I,
)
# The same, only where a number stands beside it: "Rs" is not in "users" and "Re" not in "Refund".
PRICED = re.compile(rf"{BEFORE}\s?\d|\d\s?{AFTER}", re.I)
# Many spaces are where a tag or a comment was.
UNIT = re.compile(r"\+?(?:[\s-]{0,4}|\s{5,80})°?[A-Za-z][\w'-]*(?:\s(?:&\s)?[A-Za-z][\w-]*){0,3}")
CLOCK = re.compile(r"\s?([ap])\.?m\b\.?", re.I)
RANGE = re.compile(r"\s?(?:to|-|and)\s?", re.I)
BEFORE_CUE = re.compile(
    r"\b(?:used to be|earlier|previously|formerly|down from|up from|instead of|compared to)\s*$",
    re.I,
)
FROM = re.compile(r"\b(?:from|starting at|starts? at)\s*$", re.I)
CHANGE = re.compile(r"[^.;]{0,30}\bto\s+(?:[₹$€£]|Rs|\d|one\b|zero\b)")
# What a number without a noun has around it when it is a quantity all the same: "Rated 4.8", "Team: 12".
MEASURED_BEFORE = re.compile(
    r"(?:\b(?:rat(?:ed|ing|es)|scored?|score of|stars?|NPS|first|last|next|top|up to|at (?:least|most)"
    r"|over|under|above|below|(?:more|less|fewer) than|minimum|maximum|max|min|only|worth"
    r"|about|around|roughly|nearly|almost|approximately|all|total(?: of)?|exactly"
    r"|deposit|advance|fees?|price|charges?|cost|rent|salary|budget"
    r"|for|we are|ages?|aged|capacity|sleeps|seats|serves"
    r"|(?:teams?|groups?|batch(?:es)?|part(?:y|ies)|class(?:es)?|packs?|sets?|box(?:es)?|famil(?:y|ies)) of)"
    r"|[A-Za-z)](?::| -)|[a-z]s\s?\(|[~≈])[\s(~]*$",
    re.I,
)
MEASURED_AFTER = re.compile(
    r"\s?(?:\+|/\s?(?:5|10)\b|(?:out of|or (?:more|less|fewer|above|below)"
    r"|(?:in )?total|so far|and (?:counting|growing)|free|each|per|every|daily|weekly"
    r"|monthly|on (?:[A-Z]|google)\w*|for [₹$€£])\b|a (?:day|week|month|year)\b|for [₹$€£])",
)
# Per what a price is: "/month", "per user per month", "a piece", "p.m." after the amount.
_PER_WORD = (
    r"(month|mo|mth|year|yr|annum|quarter|week|day|night|hour|hr|minute|min|seat|user|member|person|head|pax|guest"
    r"|student|child|employee|truck|vehicle|piece|pc|unit|item|set|pair|box|pack|packet|dozen|kg|kgs|kilos?|g|gm|gms|100g"
    r"|litre|liter|ltr|l|ml|bag|bottle|jar|plate|slice|client|session|class|visit|sitting|order|delivery|invoice"
    r"|transaction|sq\.?\s?ft|sqft|sq\.?\s?m|metre|meter|ft|km|ton|tonne|page|word|post|video|site|location|store"
    r"|record|call|request|query|profile|account|lookup|search|check|run|job|credit|token|gb|tb"
    r"|image|message|sms|email|lead|booking|backtest|scan|label|card|line|copy|trip|tree|acre"
    r"|room|bed|license|licence|device|project|event|team|workspace|company|clinic|branch|outlet)\b"
)
PERIOD = re.compile(
    rf"\s*\*{{0,2}}(?:\+\s?GST\s*)?\(?(?:/|\bper\b|\ban?\b|\bevery\b|\beach\b)\s*{_PER_WORD}"
    rf"(?!\s*:)(?:\s*,?\s*(?:/|\bper\b|\ba\b)\s*{_PER_WORD})?"
    r"|\s*\(?\b(monthly|yearly|annually|weekly|daily|quarterly|p\.?m\b|p\.?a\b)"
    rf"|\s*(?:/|\bper\s)\s*(?:[a-z]+\s+(?={_PER_WORD}))?(?!(?:cent|the|our|your|each|day\b)\b)([a-z]{{3,}})\b(?!\s*:)"
    rf"(?:\s*(?:/|\bper\b)\s*{_PER_WORD}(?!\s*:))?",
    re.I,
)
PERIOD_NAMES = {"mo": "month", "mth": "month", "monthly": "month", "pm": "month", "p.m": "month"}
PERIOD_NAMES |= {
    "yr": "year",
    "annum": "year",
    "yearly": "year",
    "annually": "year",
    "annual": "year",
}
PERIOD_NAMES |= {
    "pa": "year",
    "p.a": "year",
    "weekly": "week",
    "daily": "day",
    "quarterly": "quarter",
}
PERIOD_NAMES |= {
    "kilo": "kg",
    "hr": "hour",
    "min": "minute",
    "pc": "piece",
    "sqft": "sq ft",
    "months": "month",
}
# A bare 1998 is a year when the words around it say so; otherwise 2000 may be a price or a count.
YEAR_CUE = re.compile(
    rf"(?:\b(?:in|since|from|until|till|of|by|during|est\.?|estd\.?|established|founded|started|copyright"
    rf"|before|after|year|season|date|dated|updated|version|effective|as of|mid|early|late|around|circa|and"
    rf"|to|{MONTH})|©|\(c\)|\()[\s,:-]*$",
    re.I,
)
YEAR_TAIL = re.compile(
    r"\s*(?:$|[.,;)\-]|season\b|edition\b|batch\b|was\b|saw\b|mein?\b|se\b)", re.I
)
# "the PyCon 2019 talk", "Q3 2024": a name in front that starts no sentence.
YEAR_NAME = re.compile(r"(?:[\w,;:)] +(?-i:[A-Z][A-Za-z]+)|\b[QH][1-4])\s$")
