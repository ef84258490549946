/**
 * The most frequent function words of languages in Latin and Cyrillic letters, chosen to be
 * different from their neighbours' as far as they can be.
 */
export const LANGUAGE_WORDS: Readonly<Record<string, string>> = {
  en: "the of and to in is that it was for on are with as his they be at this have from or by not but what all were we when your can said there an which she do how their if will about out them then these so some her would him has could no than been its who now my did get may you he",
  de: "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er hat dass sie nach wird bei einer um am sind noch wie einem über einen so zum war haben nur oder aber vor zur bis mehr durch man sein wurde ich wir ihr",
  fr: "le la les de des et un une du est en que qui dans pour pas il elle au aux ce cette ces par sur plus ne se avec son sa ses sont ont nous vous je mais ou où comme être été fait leur tout très aussi était à",
  es: "el la los las de del y en que un una por con no se su para es al lo como más o pero sus le ya este sí porque esta entre cuando muy sin sobre también me hasta hay donde quien desde todo nos durante ser son fue era está han",
  it: "il lo la i gli le di del della dei delle e è che un una per in con non si da al alla ma come più anche sono nel nella ha questo questa o se su ci dal era essere stato suo sua loro quando molto ho hanno",
  pt: "o a os as de do da dos das e em que um uma para com não se por mais no na nos nas ao à é são foi como mas ou seu sua ele ela isso este esta também muito já quando ser tem há até pelo pela está você",
  nl: "de het een en van in is dat op te zijn met voor niet aan er om ook als bij maar nog uit door over naar hij ze zij wordt werd kan was heeft hebben had deze dit die dan of wat worden tot je ik we meer geen",
  sv: "och i att det som en på är av för med den till inte om ett han hon de har var vid jag men så från kan när nu hade ska eller ut efter där vi mot man sig sin än över också alla mycket bara",
  da: "og i at det er en til på som med for de den af ikke der han har et jeg var sig fra men vi kan om så skal hun vil havde ved efter også eller hvad nu over noget hvor meget blev være deres",
  nb: "og i det er en til på som med for at de av ikke den har jeg et var seg fra men vi kan om så skal hun vil hadde ved etter også eller hva nå over noe hvor mye ble være deres",
  fi: "ja on ei se että hän oli mutta ovat kun niin myös joka tai kuin sen jos sitä vain nyt mitä jo minä ole olla ne tämä sekä mukaan ollut voi vielä hänen",
  pl: "i w na z do się nie jest to że o jak po za od przez dla ale co tak który która które był była było są oraz ma jego jej czy już tylko ten być może przy też tym bardzo",
  cs: "a v se na je že to s z do o jako i za by ale pro od jeho který která které po si tak byl bylo být až jsou také nebo jen při však má pak když už není",
  tr: "ve bir bu da de için ile çok olarak daha gibi olan ne kadar var sonra ama en ki mi mı değil her o ya olduğu göre ben sen biz ise hem şey",
  id: "yang dan di itu dengan untuk tidak ini dari dalam akan pada juga saya ke karena bisa ada oleh atau mereka sudah kami adalah seperti kita dia telah lebih dapat",
  vi: "và của là có được cho không một các trong người những với đã này để khi từ đến cũng như về ra nhưng tôi nhiều theo còn sẽ bị vào",
  ru: "и в не на что он с как это по но из у за от так же для был она мы они к его все вы было только или ещё при быть если когда бы уже нет то меня я",
  uk: "і в не на що він з як це по але із у за від так же для був вона ми вони до його все ви було тільки або ще при бути якщо коли б вже ні та є",
};

/**
 * Letters beyond ASCII that texts of these languages have; others speak for a language that is not
 * on the list. `ъ` is not among the Russian ones: Bulgarian is full of it, Russian hardly has any.
 */
export const LANGUAGE_LETTERS: Readonly<Record<string, string>> = {
  en: "éèêëïöüçñàâôæœ",
  de: "äöüßéèà",
  fr: "àâæçéèêëîïôœùûüÿ",
  es: "áéíñóúüªº",
  it: "àèéìíîòóùúªº",
  pt: "áâãàçéêíóôõúüªº",
  nl: "éèëïíóöüáêçĳ",
  sv: "åäöéèàü",
  da: "æøåéèüöä",
  nb: "æøåéèêòóôàüöä",
  fi: "äöåšžéü",
  pl: "ąćęłńóśźżé",
  cs: "áčďéěíňóřšťúůýž",
  tr: "çğıöşüâîûi̇",
  id: "é",
  ru: "абвгдежзийклмнопрстуфхцчшщыьэюяё",
  uk: "абвгдежзийклмнопрстуфхцчшщьюяєіїґ",
};

/** Persian and Urdu letters, which Arabic has not. */
export const NOT_ARABIC: RegExp = /[پچژگکیےٹڈڑ]/u;

/** Languages that are known by their letters alone. */
export const LANGUAGE_SCRIPTS: Readonly<Record<string, RegExp>> = {
  ja: /[\p{sc=Hiragana}\p{sc=Katakana}]/gu,
  ko: /\p{sc=Hangul}/gu,
  zh: /\p{sc=Han}/gu,
  ar: /\p{sc=Arabic}/gu,
  he: /\p{sc=Hebrew}/gu,
  el: /\p{sc=Greek}/gu,
  th: /\p{sc=Thai}/gu,
  hi: /\p{sc=Devanagari}/gu,
};
