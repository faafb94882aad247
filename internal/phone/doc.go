// Package phone reads telephone numbers as people and CRMs write them, decides which of them may be dialed at all, and
// says in which time zones and states a number may be (data/area-codes.csv for North America, the library elsewhere).
//
// It is pure: no database, no network. It may import the standard library and github.com/nyaruka/phonenumbers only.
// No error of it ever holds a digit of a number. Where a text could mean two numbers, it means none.
package phone
