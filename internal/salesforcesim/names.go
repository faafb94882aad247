package salesforcesim

import (
	_ "embed"
	"strings"
)

var (
	leadSources    = []string{"Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Event", "Other"}
	leadStatuses   = []string{"Open - Not Contacted", "Working - Contacted", "Closed - Not Converted", "Closed - Converted"}
	memberStatuses = []string{"Sent", "Responded", "Pledged", "Refused"}
	industries     = []string{"Education", "Healthcare", "Not For Profit", "Retail", "Technology", "Agriculture"}
	ratings        = []string{"Hot", "Warm", "Cold"}
)

// closedConverted is the status that only a conversion sets.
const closedConverted = 3

var (
	firstNames = listOf(`Abel Ada Alba Amos Anja Arlo Asa Astrid Ava Bea Bram Briar Cleo Clyde Cora Dagny Dale Dora Edda Ellis Elsa Emil Esme Etta Ezra
 Faye Finn Flora Gale Greta Gus Hanna Hattie Hugo Ida Ike Inez Iris Isla Ivo Jonah Joost June Kai Kees Lars Lena Linus Lotte Luz Mabel Mara Milo Mina Nell Nico Noor
 Odette Olive Oskar Otto Paz Pearl Petra Quinn Ravi Rex Rhea Roos Rory Ruth Sadie Saul Selma Silas Sven Tess Theo Tilda Uma Vera Viggo Wim Yara Zelda Zoë José Chloé Søren`)
	lastNames = listOf(`Abernal Aldergate Amberly Ashdale Barlowe Birchwood Blackmere Brambley Bridgeport Brookfell Calderwick Carrowway Castlemain Cedarholm Cliffen Copperfall
 Cragmore Dalewright Deepwater Dovetree Dunmarsh Eastbrook Elderfield Elmhurst Fairlow Fallowell Farrowby Fenwater Fernhill Foxglen Garrowby Glenfern Goldmarsh Greenhalt Greywell
 Halloway Harrowgate Hawkmere Hazelden Heathrow Highmoor Hollowell Ironbridge Ivywood Jasperson Kestrell Kettleby Larkholm Lindenmeer Longacre Maplewood Marrowby Meadowlark
 Millbrook Moorgate Northam Oakenfell Oldbridge Orchardson Pinewell Quillfeather Ravensworth Redfern Ridgeway Rosethorn Rowanberry Sandalwood Silverbeck Southmoor Stonehallow
 Summerfield Swanmere Tamarack Thistledown Thornbury Umberfield Valecrest Wexmoor Wheatley Whitlow Willowby Winterbourne Woodrowe Yarrowfield O'Fallowby Núñez-Vale Åsgård Van_der_Brook`)
	titles       = listOf(`Volunteer Retired Teacher Nurse Director Board_Member Engineer Farmer Owner Accountant Head_of_"Giving" Librarian`)
	departments  = listOf(`Development Finance Operations Outreach Programs Research`)
	streetNames  = listOf(`Main Oak Maple Cedar Elm Walnut Lake Hill Park River Church Mill Spring Ridge`)
	streetKinds  = listOf(`St Ave Rd Ln Dr Blvd`)
	companyKinds = listOf(`Industries Partners Foundation Works Supply Farms Clinic Books Studios & Daughters`)
	salutations  = listOf(`Mr. Ms. Mrs. Dr.`)
	descriptions = lines("Met at the spring gala.", "Prefers to be called in the evening.\nDoes not like email.", `Said "maybe next year", ask again.`, "Gives every December 🎄",
		"Knows the board; long-time donor, since 1998.", "Moved twice;\r\nold address may still get post.")
)

// listOf splits at white space; an underscore stands for a space.
func listOf(words string) [][]byte {
	var list [][]byte
	for _, w := range strings.Fields(words) {
		list = append(list, []byte(strings.ReplaceAll(w, "_", " ")))
	}
	return list
}

func lines(texts ...string) [][]byte {
	list := make([][]byte, len(texts))
	for i, s := range texts {
		list[i] = []byte(s)
	}
	return list
}

func choose(list [][]byte, h uint64) value { return bytesOf(list[h%uint64(len(list))]) }

var (
	leadSourceText  = lines(leadSources...)
	industryText    = lines(industries...)
	ratingText      = lines(ratings...)
	statusText      = lines(leadStatuses...)
	accountTypeText = lines("Household", "Organization", "Foundation")
)

//go:embed places.txt
var placesText string

// place is a state with a city, real area codes and the first three digits of its postal codes.
type place struct {
	code, name, city []byte
	zips             [][]byte
}

// areaCode is a real area code and its place.
type areaCode struct {
	digits []byte
	place  *place
}

// areaCodes go through the states by turns, so that neighbouring records live far apart.
var areaCodes = func() (list []areaCode) {
	var places []*place
	var codes [][][]byte
	for line := range strings.Lines(placesText) {
		part := strings.Split(strings.TrimSpace(line), "|")
		places = append(places, &place{[]byte(part[0]), []byte(part[1]), []byte(part[2]), lines(strings.Split(part[4], ",")...)})
		codes = append(codes, lines(strings.Split(part[3], ",")...))
	}
	for turn, more := 0, true; more; turn++ {
		more = false
		for i, p := range places {
			if turn < len(codes[i]) {
				list, more = append(list, areaCode{codes[i][turn], p}), true
			}
		}
	}
	return list
}()
