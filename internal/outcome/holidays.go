package outcome

import (
	"strings"
	"time"
)

// startOfNext is a day early in the next unit: a Monday, the first weekday of the
// month, the second of January. A season is taken at its usual first month.
func startOfNext(unit string, noon time.Time) (time.Time, bool) {
	switch unit {
	case "week":
		ahead := (8 - int(noon.Weekday())) % 7
		if ahead == 0 {
			ahead = 7
		}
		return noon.AddDate(0, 0, ahead), true
	case "month":
		return weekday(time.Date(noon.Year(), noon.Month()+1, 1, 12, 0, 0, 0, noon.Location())), true
	case "year":
		return afterHoliday("new year", noon), true
	case "spring":
		return firstOf("march", noon), true
	case "summer":
		return firstOf("june", noon), true
	case "fall", "autumn":
		return firstOf("september", noon), true
	case "winter":
		return firstOf("december", noon), true
	}
	return noon, false
}

// afterHoliday is the first weekday after a holiday is over. "The holidays" are
// those at the end of the year.
func afterHoliday(name string, noon time.Time) time.Time {
	on := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 12, 0, 0, 0, noon.Location()) }
	y := noon.Year()
	var d time.Time
	switch {
	case strings.HasPrefix(name, "thanksgiving"):
		d = weekday(thanksgiving(on(y, time.November, 1)).AddDate(0, 0, 4))
		if !d.After(noon) {
			d = weekday(thanksgiving(on(y+1, time.November, 1)).AddDate(0, 0, 4))
		}
	case strings.HasPrefix(name, "easter"):
		d = on(y, time.April, 27)
		if !d.After(noon) {
			d = on(y+1, time.April, 27) // after the latest possible Easter Monday
		}
	case strings.HasPrefix(name, "christmas"):
		d = on(y, time.December, 27)
		if !d.After(noon) {
			d = on(y+1, time.December, 27)
		}
	default:
		d = on(y+1, time.January, 2)
		if noon.Before(on(y, time.January, 2)) {
			d = on(y, time.January, 2)
		}
	}
	return weekday(d)
}

// thanksgiving is the fourth Thursday of the November that begins at first.
func thanksgiving(first time.Time) time.Time {
	ahead := (int(time.Thursday) - int(first.Weekday()) + 7) % 7
	return first.AddDate(0, 0, ahead+21)
}

func firstOf(month string, noon time.Time) time.Time {
	for m := time.January; m <= time.December; m++ {
		if strings.EqualFold(m.String(), month) {
			d := time.Date(noon.Year(), m, 2, 12, 0, 0, 0, noon.Location())
			if !d.After(noon) {
				d = d.AddDate(1, 0, 0)
			}
			return weekday(d)
		}
	}
	return noon
}

// weekday moves a Saturday or Sunday to Monday.
func weekday(d time.Time) time.Time {
	for d.Weekday() == time.Saturday || d.Weekday() == time.Sunday {
		d = d.AddDate(0, 0, 1)
	}
	return d
}
