package outcome

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// spokenTimes turns what is said of times into the digits and English words that
// the date rules read.
var spokenTimes = strings.NewReplacer(
	" o'clock", " oclock", " a.m.", " am", " p.m.", " pm", " a m ", " am ", " p m ", " pm ",
	" manana por la manana", " tomorrow morning", " manana", " tomorrow", " hoy", " today", " a las ", " at ", " a la ", " at ",
	" despues de las ", " after ", " lunes", " monday", " martes", " tuesday", " miercoles", " wednesday", " jueves", " thursday",
	" viernes", " friday", " sabado", " saturday", " domingo", " sunday", " de la tarde", " pm", " por la tarde", " afternoon",
	" por la noche", " evening", " esta noche", " tonight", " en una hora", " in an hour", " la proxima semana", " next week",
	" la semana que viene", " next week", " el proximo mes", " next month",
)

var hourWords = map[string]int{
	"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
	"fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "ninety": 90,
	"una": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7, "ocho": 8, "nueve": 9, "diez": 10, "once": 11, "doce": 12,
}

// plainTimes folds text and writes hours as digits: "Five thirty" is "5:30",
// "half past six" is "6:30", "quarter to four" is "3:45".
func plainTimes(text string) string {
	var b strings.Builder
	b.WriteByte(' ')
	for _, r := range text {
		switch f := foldRune(r); {
		case f == 0 || f == utf8.RuneError:
		case f == '-' || f == '\n' || f == '\t' || f == 0xa0:
			b.WriteByte(' ')
		default:
			b.WriteRune(f)
		}
	}
	s := spokenTimes.Replace(b.String())
	words := strings.Fields(s)
	out := make([]string, 0, len(words))
	for i := 0; i < len(words); i++ {
		w, tail := trimTail(words[i])
		n, isHour := hourWords[w]
		if isHour && w == "once" && !(i > 0 && (words[i-1] == "at" || words[i-1] == "after")) {
			isHour = false // the English word
		}
		switch {
		case isHour && n <= 12 && tail == "" && i+1 < len(words) && minuteWord(words[i+1]) > 0:
			_, t := trimTail(words[i+1])
			out = append(out, strconv.Itoa(n)+":"+strconv.Itoa(minuteWord(words[i+1]))+t)
			i++
		case isHour:
			out = append(out, strconv.Itoa(n)+tail)
		default:
			out = append(out, w+tail)
		}
	}
	return quarters(out)
}

func trimTail(w string) (string, string) {
	t := strings.TrimRight(w, ".,;!?")
	return t, w[len(t):]
}

func minuteWord(w string) int {
	w, _ = trimTail(w)
	switch n := hourWords[w]; n {
	case 15, 30:
		return n
	}
	if w == "fortyfive" {
		return 45
	}
	return 0
}

// quarters rewrites "half past 6", "quarter to 4", "quarter past 4".
func quarters(w []string) string {
	for i := 0; i+2 < len(w); i++ {
		h, tail := trimTail(w[i+2])
		n, err := strconv.Atoi(h)
		if err != nil || n < 1 || n > 12 {
			continue
		}
		switch {
		case w[i] == "half" && w[i+1] == "past":
			w[i], w[i+1], w[i+2] = "at", "", h+":30"+tail
		case w[i] == "quarter" && (w[i+1] == "past" || w[i+1] == "after"):
			w[i], w[i+1], w[i+2] = "at", "", h+":15"+tail
		case w[i] == "quarter" && (w[i+1] == "to" || w[i+1] == "till"):
			w[i], w[i+1], w[i+2] = "at", "", strconv.Itoa((n+10)%12+1)+":45"+tail
		}
	}
	return " " + strings.Join(w, " ") + " "
}
