"""Frames of questions that mean the same in Russian, Chinese, Japanese, Korean, Hindi, Arabic, Turkish, Polish and others.

The embedder reads few of these languages: two prompts in them are one only where they are one after these rules.
"""

# ruff: noqa: E501  a pattern is read in one piece, in the letters of its language

from sentinel_core.matching.frames_elsewhere import SHORT_FRAMES
from sentinel_core.matching.rewriting import rules_of

_RUSSIAN = r"(?=как|что|кто|где|когда|почему|зачем|сколько|как(?:ой|ая|ое|ие)|можно|куда|чем|отчего)"

WORLDWIDE = rules_of(
    ("здравствуйте|привет|добрый", r"^(?:здравствуйте|привет|добрый (?:день|вечер)|доброе утро)[\s,.!]+", ""),
    ("пожалуйста|спасибо", r"[\s,]*\b(?:пожалуйста|(?:заранее |большое )?спасибо(?: большое| заранее)?)(?=[\s.!?,]*$)", ""),
    ("скажи|объясни|расскажи|ответь", rf"^(?:вы )?(?:не )?(?:могли бы (?:вы )?)?(?:подскажите|подскажи|подскажете|подсказать|скажите|скажи|сказать|объясните|объясни|объяснить|расскажите|расскажи|ответьте)(?: мне| нам)?(?:,? пожалуйста)?,? {_RUSSIAN}", ""),
    ("узнать|знать|интересно", rf"^(?:я )?(?:хочу|хотел бы|хотела бы|хотелось бы|мне (?:нужно|надо|интересно))(?: (?:у?знать|понять))?,? {_RUSSIAN}", ""),
    ("каким образом|как ", r"\b(?:каким образом|как)(?: (?:мне|нам|я могу|мы можем|можно|лучше))*(?= )", "как"),
    ("причин", r"^по какой причине\b", "почему"),
    ("ile czasu", r"^ile czasu\b", "jak d\u0142ugo"),
    ("отчего|с чего", r"^(?:отчего|с чего(?: это)?)\b", "почему"),
    ("auriez|aurais|avez-vous|seriez|serait-il", r"^(?:(?:auriez-vous|aurais-tu|avez-vous) (?:la (?:gentillesse|bont\u00e9|bienveillance)|l'amabilit\u00e9|l'obligeance) de|seriez-vous assez (?:aimable|gentil|gentille) pour|serait-il possible de) (?:me |m'|nous )?(?:dire|expliquer|indiquer|pr\u00e9ciser|savoir) (?=comment|pourquoi|quand|o\u00f9|combien|quel|si |ce que)", ""),
    ("s'il vous pla|svp", r"^(pourriez-vous|pouvez-vous),? (?:s'il vous pla\u00eet|svp),? ", r"\1 "),
    ("tan amable|amabilidad|bondad|gentileza", r"^\u00bf?(?:ser[\u00edi]an? (?:usted )?tan amables? (?:de|como para)|(?:tendr[\u00edi]a|har[\u00edi]a) (?:usted )?(?:la|el favor de la) (?:amabilidad|bondad|gentileza) de) (?:decirme|explicarme|indicarme|decirnos),? (?=qu[\u00e9e]|c[\u00f3o]mo|por qu[\u00e9e]|cu[\u00e1a]ndo|d[\u00f3o]nde|qui[\u00e9e]n|cu[\u00e1a]l|cu[\u00e1a]nto)", ""),
    ("gentile da|gentilezza|gentilmente|cortesemente", r"^(?:(?:sarebbe|saresti) (?:cos\u00ec|tanto) gentile da|(?:avrebbe|avresti) la (?:gentilezza|cortesia) di|(?:potrebbe|potresti) (?:gentilmente|cortesemente)) (?:dirmi|spiegarmi|indicarmi|dirci) (?=cosa|come|perch\u00e9|quando|dove|chi|quale|qual |quanto)", ""),
    ("gentileza|bondade|am\u00e1vel", r"^(?:(?:teria|teriam|faria|tem) a (?:gentileza|bondade|amabilidade) de|(?:seria|poderia ser) t\u00e3o am\u00e1vel (?:a ponto )?de) (?:me )?(?:dizer|explicar|informar)(?:-me)? (?=o que|como|por que|quando|onde|quem|qual|quanto)", ""),
    ("freundlich|so nett|so lieb|gentil", r"^(?:w\u00e4ren sie|w\u00e4rst du|w\u00fcrden sie|w\u00e4re es m\u00f6glich|seien sie)(?: bitte)?(?: so (?:freundlich|nett|lieb|gut))?,? (?:und )?(?:mir|uns)(?: bitte)? (?:zu )?(?:sagen|erkl\u00e4ren|verraten),? (wie|wo|wann|warum) (ich|man|wir) (.{1,80}?) (\w+)(?=\W*$)", r"\1 \4 \2 \3"),
    ("wie geht das|wie mache ich das|wie macht man das|wie funktioniert das", r"^(?:ich (?:m\u00f6chte|will|w\u00fcrde gerne?) )?(.{2,80}?\w(?:en|ern|eln|tun))(?:,| -|:|\.)? wie (?:geht|mache ich|macht man|funktioniert) das(?=\W*$)", r"wie kann ich \1"),
    ("wie kann man|wie k\u00f6nnen wir|wie k\u00f6nnte ich", r"^wie (?:kann man|k\u00f6nnen wir|k\u00f6nnte (?:ich|man)) ", "wie kann ich "),
    ("was is |wo is |wer is |wie is |wann is ", r"^(was|wo|wer|wie|wann) is ", r"\1 ist "),
    (" denn | eigentlich | nochmal ", r"^((?:was|wie|wo|wer|wann|warum|wieso|wof\u00fcr)(?: \w+){1,2}?) (?:denn|eigentlich|nochmal) (?=\w)", r"\1 "),
    ("je fais pour|on fait pour|fait-on pour|faire pour", r"^comment (?:je fais|on fait|fait-on|puis-je faire|dois-je faire) pour ", "comment "),
    ("hago pa|hago para|se hace pa|le hago", r"\bc[\u00f3o]mo (?:le )?(?:hago|se hace) (?:para|pa)\b", "c\u00f3mo puedo"),
    ("como q|como \u00e9 q", r"^como (?:\u00e9 )?q(?:ue)? eu (?=\w)", "como eu "),
    ("a minha|o meu|as minhas|os meus", r"\b[ao]s? (?=(?:minhas?|meus?)\b)", ""),
    ("mo\u017ce|m\u00f3g\u0142|mog\u0142a", r"^czy (?:m\u00f3g\u0142by(?:\u015b| pan)|mog\u0142aby(?:\u015b| pani)|mo\u017cesz|mo\u017ce (?:pan|pani)) (?:mi )?(?:powiedzie\u0107|wyja\u015bni\u0107|wyt\u0142umaczy\u0107),? (?=jak|co |kto|gdzie|kiedy|dlaczego|ile)", ""),
    ("будьте", r"^будьте (?:так )?(?:добры|любезны)[,]? ", ""),
    (" как часто| как долго| когда| где| сколько| почему| зачем", r"^([^?,.!]{2,60}) (как часто|как долго|когда|где|сколько стоит|почему|зачем)(?=[\s?]*$)", r"\2 \1"),
    ("нужно|надо|можно|следует|стоит", r"^(как часто|как долго|когда|где|почему|зачем) (\w+) (нужно|надо|можно|следует|стоит) (\w+)(?=[\s?]*$)", r"\1 \3 \4 \2"),
    ("计程车|的士|計程車", r"计程车|的士|計程車", "出租车"),
    ("马铃薯", r"马铃薯", "土豆"),
    ("脚踏车|单车", r"脚踏车|(?<!简)单车", "自行车"),
    ("捷运", r"捷运", "地铁"),
    ("软体", r"软体(?!动物)", "软件"),
    ("列印", r"列印", "打印"),
    ("怎么", r"^([\u4e00-\u9fff]{2,10}?)(?<![我你您他她它们谁人者员工生师狗猫童客友鸟熊蛇鱼蛛虫鼠马牛羊猪鸡虎狮狼])(?<!孩子)(?<!客户)怎么([\u4e00-\u9fff]{2})(?=[?]?$)", r"怎么\2\1"),
    ("どうやって", r"(?:は|って|を)?どうやって([\u4e00-\u9fff]{2,4})(?:する(?:の(?:です|でしょう)?か?|んですか)?|します?か|すれば(?:いい|よい|良い)(?:の)?(?:です|でしょう)?か?)(?=[?.]*$)", r"の\1方法"),
    ("する", r"を([\u4e00-\u9fff]{2,4})する(?:方法|には)(?=[?.]*$)", r"の\1方法"),
    ("ازاي|إزاي|ازاى|شلون", r"(?:^|(?<= ))(?:[إا]زا[يى]|شلون)(?= )", "كيف"),
    ("أ|إ", r"(?:^|(?<= ))[أإ](?=\w\w)", "ا"),
    ("яким чином|як ", r"\b(?:яким чином|як)(?: (?:мені|я можу|можна))*(?= )", "як"),
    ("请问|你好|您好|我想|告诉我", r"^(?:(?:你好|您好)[,.! ]*|请问[,]?|我想(?:知道|问(?:一下)?)[,]?|(?:请|能|可以|你能|你可以)?告诉我[,]?)+", ""),
    ("如何|怎样|怎么|怎麼", r"(?:我|我们)?(?:应该|该|要|可以|能)?(?:如何|怎样|怎么样?|怎麼樣?)(?:才能|才可以|能|可以)?", "怎么"),
    ("什么是|什麼是", r"^什[么麼]是([^?,]{1,30})(?=[?]?$)", r"\1是什么"),
    ("谢谢|呢|呀|啊", r"[,. ]*(?:谢谢(?:你|您)?|呢|呀|啊)?(?=[?!.]*$)", ""),
    ("すみません|こんにちは", r"^(?:すみませんが?|こんにちは)[,. ]*", ""),
    ("すれば|したら|方法|やり方", r"(?:には|の?方法|の?やり方)(?:を|は|が)?(?:どう(?:すれば|したら)(?:いい|よい|良い)(?:の)?(?:です|でしょう)か|(?:を)?教えて(?:ください|下さい|もらえますか|いただけますか)?|何ですか|知りたい(?:です)?)?(?=[?.]*$)", "方法"),
    ("どうすれば|どのように", r"どのように(?:すれば|したら)", "どうすれば"),
    ("したら|よい|良い|でしょう", r"どう(?:すれば|したら)(?:いい|よい|良い)(?:の)?(?:です|でしょう)か", "どうすればいいですか"),
    ("何ですか|って何|なんですか|教えて", r"(?:とは|は|って)(?:何|なん)(?:です|でしょう)?か?(?=[?.]*$)", "は何"),
    ("違い", r"^(.{1,20})と(.{1,20})の違い(?:を教えて(?:ください|下さい)?|は何(?:ですか)?|は何|は)(?=[?.]*$)", r"\1と\2の違い"),
    ("어떻게", r"어떻게 (?:해야 |하면 )?(?:하나요|합니까|해요|하죠|할까요|되나요|돼요|될까요|하는지 알려 ?주세요)", "어떻게 하나요"),
    ("어떻게", r"(?:하나요|합니까|해요|하죠|할까요|하면 되나요|해야 하나요|해야 하죠|해야 합니까|할 수 있나요)(?=[?.]*$)", "하나요"),
    ("방법", r"(?:는 )방법(?:을|이|은)? ?(?:알려 ?주세요|가르쳐 ?주세요|뭐예요|뭔가요|무엇인가요|무엇입니까)?(?=[?.]*$)", "는 방법"),
    ("뭐예요|뭔가요|무엇", r"(?:이란|란|은|는|이|가) (?:뭐예요|뭔가요|무엇인가요|무엇입니까|무엇이에요)", "란 무엇인가요"),
    ("कृपया|बताएं|बताइए", r"^(?:कृपया )?(?:मुझे )?(?:बताएं|बताइए|बताइये|बताएँ)(?: कि)?,? |^कृपया |,? (?:कृपया )?(?:बताएं|बताइए|बताइये|बताएँ)(?=[\s?.]*$)", ""),
    ("सकता|सकती|सकते", r"^(?:मैं |हम )?(.{1,60}?) कैसे (\S+) सक(?:ता|ती|ते) (?:हूँ|हूं|हैं)", r"\1 कैसे \2ें"),
    ("من فضلك|لو سمحت|مرحبا|السلام", r"^(?:مرحبا|السلام عليكم|لو سمحت|من فضلك)[\s،,.!]*|[\s،,]*(?:من فضلك|لو سمحت|شكرا)(?=[\s?.!]*$)", ""),
    ("كيف", r"كيف (?:يمكنني|أستطيع|استطيع|بإمكاني|يمكن أن)(?= )", "كيف يمكنني"),
    ("ما هي|ما هو|ماهي|ماهو", r"\bما ?ه[يو]\b", "ما هو"),
    ("nas\u0131l", r"\bnas\u0131l ((?:\w+ )?\w+?)[ae]?(?:y?[ae]bilirim|r[\u0131iu\u00fc]m|[\u0131iu\u00fc]r[\u0131iu\u00fc]m|y?[ae]bilir miyim)\b", "nasıl \\1"),
    ("acaba|peki|l\u00fctfen|te\u015fekk\u00fcrler|merhaba", r"^(?:merhaba|peki|l\u00fctfen)[\s,.!]+|[\s,]+(?:acaba|l\u00fctfen|te\u015fekk\u00fcrler)(?=[\s?.!]*$)| acaba\b", ""),
    ("jaki spos|jak mo|jak mam", r"\b(?:w jaki spos[\u00f3o]b|jak)(?: (?:mog[\u0119e]|mo[\u017cz]na|mo[\u017cz]emy|mam))*(?= )", "jak"),
    ("czemu", r"^czemu\b", "dlaczego"),
    ("dzie\u0144 dobry|cze\u015b\u0107|prosz\u0119|dzi\u0119ki|dzi\u0119kuj\u0119", r"^(?:dzie\u0144 dobry|cze\u015b\u0107)[\s,.!]+|[\s,]+(?:prosz\u0119|dzi\u0119ki|dzi\u0119kuj\u0119)(?=[\s?.!]*$)", ""),
    ("hur kan|hur g\u00f6r|hur ska", r"\bhur (?:(?:kan|ska) (?:jag|man)|g\u00f6r (?:jag|man) f\u00f6r att)(?= )", "hur"),
    ("hvordan", r"\bhvordan (?:kan|skal) (?:jeg|man)(?= )", "hvordan"),
    ("bagaimana", r"\bbagaimana (?:cara(?:nya)?(?: untuk)?|saya (?:bisa|dapat)|untuk)(?= )", "bagaimana"),
    ("l\u00e0m th\u1ebf n\u00e0o|l\u00e0m sao|l\u00e0m c\u00e1ch n\u00e0o", r"\bl\u00e0m (?:th\u1ebf n\u00e0o|sao|c\u00e1ch n\u00e0o)(?: (?:\u0111\u1ec3|t\u00f4i c\u00f3 th\u1ec3))?(?= )", "l\u00e0m sao"),
    *SHORT_FRAMES,
)  # fmt: skip
"""Each rule needs words of its own language, which no other of these languages has."""

LATIN = WORLDWIDE.for_ascii()
"""Those of them that texts in plain letters may need."""
