package outcome

import (
	"strings"
	"unicode/utf8"
)

// wordID is an interned word; only words that some rule mentions have one.
type wordID uint16

const (
	idUnknown wordID = iota // a word no rule mentions
	idMoney                 // an amount with a currency: val in cents
	idNumber                // a bare number that may be an amount: val in cents
	idCount                 // a number of something else: hours, kids, percent, an hour of the day
	idFirst                 // first interned word
)

// vocabulary interns the words of the rules. It is written while the package's
// variables are built and only read afterwards.
var vocabulary = map[string]wordID{}

var nextWord = idFirst

func intern(w string) wordID {
	if id, ok := vocabulary[w]; ok {
		return id
	}
	id := nextWord
	nextWord++
	vocabulary[w] = id
	return id
}

type token struct {
	id         wordID
	brk        bool  // a comma, dash or the like stands before it
	caps       bool  // written with a capital
	val        int64 // cents, for idMoney, idNumber and idCount
	start, end int32 // bytes of the message
}

// sentence is a run of tokens of one message.
type sentence struct {
	tok      []token
	question bool // ended by a question mark
	start    int  // bytes of the message
	end      int
}

// near returns the words around a mark. What is judged by a whole sentence looks
// only there: unpunctuated speech can run to a megabyte.
func (s sentence) near(m mark) []token {
	return s.tok[max(0, m.from-20):min(len(s.tok), m.to+20)]
}

// contractions spells out what is spoken short, also where ASR lost the
// apostrophe. A value of several words becomes several tokens.
var contractions = map[string]string{
	"dont": "do not", "cant": "can not", "cannot": "can not", "wont": "will not", "couldnt": "could not",
	"wouldnt": "would not", "didnt": "did not", "doesnt": "does not", "isnt": "is not", "arent": "are not",
	"wasnt": "was not", "havent": "have not", "hasnt": "has not", "shouldnt": "should not", "aint": "is not",
	"ain't": "is not", "can't": "can not", "won't": "will not", "shan't": "will not", "donot": "do not",
	"im": "i am", "ive": "i have", "id": "i would", "ill": "i will", "itll": "it will", "youll": "you will",
	"youre": "you are", "theyre": "they are", "thats": "that is", "whats": "what is", "hes": "he is", "shes": "she is",
	"lets": "let us", "let's": "let us", "it's": "it is", "that's": "that is", "he's": "he is", "she's": "she is",
	"what's": "what is", "who's": "who is", "there's": "there is", "here's": "here is", "how's": "how is", "where's": "where is",
	"gonna": "going to", "gunna": "going to", "wanna": "want to", "gotta": "got to", "lemme": "let me", "gimme": "give me",
	"imma": "i will", "y'all": "you", "yall": "you", "ya'll": "you", "o'clock": "oclock", "ok": "okay", "k": "okay", "kay": "okay",
	"okey": "okay", "alright": "okay", "yea": "yes", "yeah": "yes", "yep": "yes", "yup": "yes", "yah": "yes", "yess": "yes", "yeh": "yes",
	"nah": "nope", "naw": "nope", "u": "you", "pls": "please", "plz": "please", "thx": "thanks", "cuz": "because", "'cause": "because",
	"til": "until", "till": "until", "voicemail": "voice mail", "voicemails": "voice mail", "callback": "call back", "donot'": "do not",
	"anymore": "any more", "noone": "no one", "goodbye": "bye", "byebye": "bye", "tmrw": "tomorrow", "tommorow": "tomorrow", "tommorrow": "tomorrow",
	"al": "a el", "donat": "donate", "dontate": "donate", "dontating": "donating", "dontation": "donation", "donatation": "donation", "contibute": "contribute",
	"check's": "check is", "card's": "card is", "money's": "money is", "payment's": "payment is", "number's": "number is", "time's": "time is",
	"mailbox's": "mailbox is", "wife's": "wife is", "husband's": "husband is", "mom's": "mom is", "dad's": "dad is", "now's": "now is", "budget's": "budget is",
	"dnt": "do not", "callme": "call me", "callin": "calling", "phonin": "phoning", "textin": "texting", "botherin": "bothering",
	"harassin": "harassing", "stahp": "stop", "stopp": "stop", "givin": "giving", "donatin": "donating", "wouldn": "would not", "didn": "did not", "doesn": "does not", "couldn": "could not",
	"intrested": "interested", "interessted": "interested",
}

// suffixes are the endings that an apostrophe marks.
var suffixes = map[string]string{"ll": "will", "d": "would", "ve": "have", "re": "are", "m": "am"}

type expansion struct{ ids []wordID }

var expansions = func() map[string]expansion {
	m := make(map[string]expansion, len(contractions))
	for short, long := range contractions {
		var ids []wordID
		for w := range strings.FieldsSeq(long) {
			ids = append(ids, intern(w))
		}
		m[short] = expansion{ids}
	}
	return m
}()

var (
	idNot     = intern("not")
	idIs      = intern("is")
	suffixIDs = func() map[string]wordID {
		m := map[string]wordID{}
		for s, w := range suffixes {
			m[s] = intern(w)
		}
		return m
	}()
)

// scanner cuts one message into sentences. Its buffers are reused between
// messages, so what it returns is valid until the next call.
type scanner struct {
	text  string
	toks  []token
	sents []sentence
	word  []byte // the folded word being read
	brk   bool
	from  int // first token of the open sentence
	begin int // its first byte
}

// scan returns the sentences of text. Linear in len(text).
func (s *scanner) scan(text string) []sentence {
	s.text, s.toks, s.sents, s.brk, s.from, s.begin = text, s.toks[:0], s.sents[:0], false, 0, 0
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		f := foldRune(r)
		switch {
		case isDigit(f) || (f == '$' || f == '.') && startsNumber(text[i:]):
			i = s.number(i)
		case isLetter(f):
			i = s.letters(i)
		default:
			i += size
			s.separator(r, f, i)
		}
	}
	s.close(len(text), false)
	return s.finish()
}

// separator handles everything that is neither a word nor a number.
func (s *scanner) separator(r, f rune, next int) {
	switch f {
	case '?', '？':
		s.close(next, true)
	case '.', '!', '\n', '…', '！', '。', '\u2028':
		if f == '.' && s.initial(next) {
			return
		}
		s.close(next, false)
	case ',', ';', ':', '(', ')', '–', '—', '，', '/':
		s.brk = true
	case '-':
		if next < len(s.text) && (s.text[next] == ' ' || s.text[next] == '-') {
			s.brk = true
		}
	case '%':
		if n := len(s.toks); n > s.from && s.toks[n-1].end == int32(next-1) {
			s.toks[n-1].id = idCount
		}
	case '¢', '€', '£':
		s.currency(f, next)
	case '¿':
		if r == '¿' {
			s.brk = true
		}
	}
}

// initial reports whether the full stop before next belongs to a title or a
// single letter ("Mr.", "U.S."), which does not end a sentence.
func (s *scanner) initial(next int) bool {
	n := len(s.toks)
	if n <= s.from || int(s.toks[n-1].end) != next-1 {
		return false
	}
	w := s.text[s.toks[n-1].start:s.toks[n-1].end]
	return len(w) == 1 && w[0] >= 'A' && w[0] <= 'Z' && w != "I" || w == "Mr" || w == "Mrs" || w == "Ms" || w == "Dr"
}

// letters reads a word that starts at i, with inner apostrophes.
func (s *scanner) letters(i int) int {
	start := i
	s.word = s.word[:0]
	caps := s.text[i] >= 'A' && s.text[i] <= 'Z'
	for i < len(s.text) {
		r, size := utf8.DecodeRuneInString(s.text[i:])
		f := foldRune(r)
		if f == '\'' {
			next, _ := utf8.DecodeRuneInString(s.text[i+size:])
			if !isLetter(foldRune(next)) {
				break
			}
		} else if f != 0 && !isLetter(f) {
			break
		}
		if f != 0 && len(s.word) < 40 { // no rule has a longer word
			s.word = utf8.AppendRune(s.word, f)
		}
		i += size
	}
	s.addWord(start, i, caps)
	return i
}

// addWord appends the folded word in s.word, spelled out.
func (s *scanner) addWord(start, end int, caps bool) {
	if e, ok := expansions[string(s.word)]; ok && s.text[start:end] != "ID" {
		for _, id := range e.ids {
			s.add(id, start, end, caps)
		}
		return
	}
	if id, ok := vocabulary[string(s.word)]; ok && s.text[start:end] != "ID" {
		s.add(id, start, end, caps)
		return
	}
	cut := strings.LastIndexByte(string(s.word), '\'')
	if cut < 0 {
		s.add(idUnknown, start, end, caps)
		return
	}
	head, tail := string(s.word[:cut]), string(s.word[cut+1:])
	switch {
	case tail == "nt": // do'nt
		s.add(vocabulary[head], start, end, caps)
		s.add(idNot, start, end, false)
	case tail == "t" && strings.HasSuffix(head, "n"):
		s.add(vocabulary[strings.TrimSuffix(head, "n")], start, end, caps)
		s.add(idNot, start, end, false)
	case suffixIDs[tail] != 0:
		s.add(vocabulary[head], start, end, caps)
		s.add(suffixIDs[tail], start, end, false)
	case len(head) == 1 || head == "qu": // French: m'appelez, n'appelez, qu'on
		s.add(vocabulary[head], start, end, caps)
		s.add(vocabulary[tail], start, end, false)
	default: // a possessive or a name: the head alone
		s.add(vocabulary[head], start, end, caps)
		if _, number := small[vocabulary[head]]; number {
			s.add(idIs, start, end, false) // "fifteen's what I can do"
		}
	}
}

func (s *scanner) add(id wordID, start, end int, caps bool) {
	s.toks = append(s.toks, token{id: id, brk: s.brk, caps: caps, start: int32(start), end: int32(end)})
	s.brk = false
}

// close ends the open sentence before byte end.
func (s *scanner) close(end int, question bool) {
	if len(s.toks) > s.from {
		s.sents = append(s.sents, sentence{question: question, start: s.from, end: len(s.toks)})
		s.from = len(s.toks)
	} else if question && len(s.sents) > 0 {
		s.sents[len(s.sents)-1].question = true // "really?!", "...?"
	}
	s.begin, s.brk = end, false
}

// finish turns token ranges into slices and merges numbers into amounts.
func (s *scanner) finish() []sentence {
	for i := range s.sents {
		st := &s.sents[i]
		st.tok = mergeMoney(s.toks[st.start:st.end:st.end])
		st.start, st.end = int(st.tok[0].start), int(st.tok[len(st.tok)-1].end)
	}
	return s.sents
}
