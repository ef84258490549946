/**
 * The English phrases in which a speaker declines: who (`I`), that it will not be (`UNABLE`), and a
 * verb of helping, making or telling (`TASK`). What an assistant cannot see, find or believe is no
 * refusal, so verbs of knowing are none of these; what it does not do as a habit is one only for
 * fewer verbs (`HABIT`). Written in small letters, with `'` for `’`.
 */
const AM = "(?: am|'m)";
const FREE =
  "(?:able|allowed|permitted|going|willing|authori[sz]ed|qualified|equipped|prepared|in a position)";
const MODAL =
  "(?:can't|cannot|can not|won't(?: be able to)?|will not(?: be able to)?|shouldn't|shall not)";
const NO_MEANS =
  "(?:do not have|don't have|have no|lack) (?:the )?(?:way|ability|permission|authority)";
const UNABLE = `(?: ${MODAL}|${AM} (?:unable|unwilling|not ${FREE}) to| ${NO_MEANS} to)`;
/**
 * `cannot and will not`, `can't access or share`, `can't knowingly`, `can't, in good conscience,`.
 */
const BETWEEN = `(?: (?:and|or) ${MODAL})?(?:,[^,.!?]{1,30},)?(?: (?:even|ever|\\w{1,12}ly))?(?: \\w{1,12} (?:or|and|nor))?`;
const KNOW =
  "(?:see|tell|find|locate|verify|confirm|understand|parse|open|know|recogni[sz]e|recall|remember|think|believe|need)";
const OBJECT =
  "(?:this|that|these|those|such|your|it|any|anything|an?|the|someone|people|instructions|details|ways|how)";
const ASK = "(?:requests?|query|question|task|prompt|topic|conversation|discussion|role-?play)";
const TASK = [
  "help(?! but| notic\\w+| think\\w+)|assist|provide|do (?:that|this|it(?! in)|so)|comply|fulfill?|proceed|contribute|create|write|share|support",
  "engage|answer|discuss|generate|produce|offer|disclose|participate|advise|facilitate|comment|reveal|translate",
  "in good conscience|feel (?:comfortable|right|good)|speculate|weigh in|take (?:sides|part)|condone|endorse|role-?play|impersonate|pretend to|compose",
  "draft|diagnose|perform|teach|walk you|talk (?:about|you)|speak (?:about|to)|respond to|(?:explain|show you|describe) how",
  "give(?! (?:you )?(?:an?|the) (?:exact|precise|full)| a )|tell you (?!that|how (?:much|many|happy|sorry|glad))",
  "make (?:phone|calls?|payments?|purchases?|bookings?)|(?:get|go) into (?:that|this|it|specifics)",
  `(?:process|complete|unlock|transfer|look up|send|carry out|entertain) ${OBJECT}|recommend (?:ways|how|that you)`,
  `continue (?:with|this|that|the ${ASK})|reproduce (?:the )?(?:full|entire|complete|whole|lyrics|text|copyrighted)`,
  `\\w{1,15}(?<!${KNOW})(?: with| to)? (?:this|that|your|such an?|these|such) ${ASK}`,
].join("|");
const GERUND =
  "be (?:help|assist|provid|do|writ|creat|shar|answer|generat|discuss|produc|giv|offer|support|explain|continu)ing";
const HABIT =
  "(?:help(?! but)|assist|engage|disclose|reveal|participate|take part|comment on|condone|speculate|feel (?:comfortable|right|good)|(?:give|provide|offer|discuss|answer|share|write|create|generate|produce) (?:\\w{1,12} )?(?:advice|opinions?|content|material|instructions|information|details|images|stories|data|politics|questions))";
const RULES =
  "(?:guidelines|polic(?:y|ies)|programming|instructions|principles|values|ethics|rules|terms|training)";
const AI = "(?:ai|language model|chatbot|virtual assistant)";
const AI_NO = `(?:can't|cannot|unable|not able|not allowed|(?:don't|do not)(?! ${KNOW}\\b))`;
const DECLINE =
  "(?:decline|refuse|pass on (?:this|that)|say no(?: to\\b|[.,!])|stop (?:here|there)(?:[.,!]| since| because))";
const OWN_WORK = "(?:scope|remit|capabilit\\w+|abilit\\w+|role|purview|area|guidelines)";
const UNFIT = "(?:in|un|ir|not )?(?:appropriate|ethical|responsible|right|wrong)";

/** Each is said of the speaker: what others cannot do is no refusal. */
const PHRASES: readonly string[] = [
  `(?:(?<!\\b(?:if|when) )\\bi${UNABLE}${BETWEEN}|\\bno way (?:that )?i(?:'m going to| can| could| will|'ll| would)) (?:${TASK}|${GERUND})\\b(?![^.!?]{0,60}\\benough\\b)`,
  `\\bi (?:do not|don't) (?:\\w{1,12}ly )?${HABIT}\\b`,
  "\\bi (?:(?:respectfully|politely) )?(?:decline|refuse)(?: to\\b| this| that|[.,!])",
  `\\bi(?: must|(?:'ll| will)? ?(?: have| need) to|${AM} (?:going|obliged|required) to(?: have to)?) (?:(?:respectfully|politely) )?${DECLINE}`,
  "\\bi(?:'d| would) (?:rather not|prefer not to)\\b(?! (?:use|add|change|rely|mix|have)\\b)",
  `\\bi${AM} not comfortable (?:\\w{3,12}ing\\b|with (?:this|that|your|such an?) ${ASK}|with (?:this|that)[.,!])`,
  `(?:\\bnot|n't) (?:something|anything|a topic|an area) (?:that )?i(?:'ll| will|(?: am|'m) (?:unable|comfortable|${FREE})| can(?! ${KNOW}\\b))\\b`,
  `\\b(?:something|topics?|requests?|questions?) (?:that )?i${UNABLE}\\b(?! ${KNOW}\\b)`,
  `\\b(?:as|i(?:'m| am) (?:just |only )?) ?an? (?:\\w{1,12} ){0,2}${AI}\\b[^.!?]{0,80} (?:${AI_NO}|i must|i have no)\\b`,
  "^(?:(?:sorry|no|nope|hm+|apologies|unfortunately)[,.!]* )*(?:but )?(?:can't|cannot|won't|unable to) (?:help|assist|comply|fulfill?|answer|discuss|do (?:that|this|it|so))\\b",
  "^(?:i'm |i am )?(?:so |very )?sorry,? (?:but )?no[.,!]",
  "\\b(?:sorry|afraid),? (?:but )?(?:that|this|it)(?:'s| is) (?:not possible|against)|\\bafraid not\\b",
  `\\bmy (?:\\w{1,12} )?${RULES} (?:(?:do(?:es)? not|don't|doesn't) (?:allow|permit|let)|prevents?|prohibits?|forbids?)\\b`,
  `\\b(?:against|violates?) (?:my|(?:our|the) (?:usage|content|safety|community)) (?:\\w{1,12} )?${RULES}`,
  `\\b(?:be|is|isn't|not|feels?) ${UNFIT} (?:for|of) me\\b`,
  `\\bwould(?:n't| not)? be ${UNFIT} to (?:help|assist|provide|write|share|give)\\b`,
  `\\b(?:outside|beyond) (?:of )?(?:my (?:\\w{1,12} )?${OWN_WORK}|the scope of (?:what i|my)|what i(?:'m| am| can)\\b)`,
  "\\b(?:topic|subject|request|question) (?:is off[- ]limits|falls outside)\\b|\\boff[- ]limits (?:for|to) me\\b",
  `\\bi(?: am|'m) (?:prohibited|forbidden|barred) from\\b|\\bi (?:must|have to) refrain from\\b`,
  "\\bi(?:'ve| have)? ?(?:been |was |am |'m )(?:instructed|programmed|designed|configured) not to\\b",
  "\\bi (?:can )?only (?:answer|help|assist|discuss|handle|talk about)\\b(?! (?:for|from)\\b)",
  "\\bwe(?:'re| are)? (?:can't|cannot|unable to) (?:complete|process|fulfill?|help with|assist with|answer) (?:this|that|your|such)\\b",
];

/** One by one and without flags: otherwise they take several times as long to compile. */
const PATTERNS: readonly RegExp[] = PHRASES.map((phrase) => new RegExp(phrase));

/** The first phrase of a refusal that is found, with its place in the text. */
export function findRefusal(text: string): RegExpExecArray | undefined {
  const plain = text.replaceAll("’", "'").replace(/[A-Z]+/g, (capitals) => capitals.toLowerCase());
  for (const pattern of PATTERNS) {
    const match = pattern.exec(plain);
    if (match !== null) return match;
  }
  return undefined;
}
