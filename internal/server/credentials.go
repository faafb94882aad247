package server

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"strings"

	"golang.org/x/crypto/bcrypt"
)

// credentials are the one login.
type credentials struct {
	username [sha256.Size]byte
	password [sha256.Size]byte
	hash     []byte // bcrypt; nil = password is compared, or argon2
	argon2   *argon2Hash
	set      bool
}

// newCredentials refuses half a login and hashes that it cannot check: taken for a plain password, a hash that leaks
// would be the password.
func newCredentials(username, password string) (credentials, error) {
	switch {
	case username == "" && password == "":
		return credentials{}, nil
	case username == "":
		return credentials{}, errors.New("HENK_WEB_PASSWORD is set but HENK_WEB_USERNAME is not: set both, or neither to have no login")
	case password == "":
		return credentials{}, errors.New("HENK_WEB_USERNAME is set but HENK_WEB_PASSWORD is not: set both, or neither to have no login")
	}
	c := credentials{username: sha256.Sum256([]byte(username)), password: sha256.Sum256([]byte(password)), set: true}
	switch {
	case strings.HasPrefix(password, "$2"):
		if _, err := bcrypt.Cost([]byte(password)); err != nil {
			return credentials{}, errors.New("HENK_WEB_PASSWORD begins like a bcrypt hash but is not a whole one: quote it, since shells expand the dollar signs in it")
		}
		c.hash = []byte(password)
	case strings.HasPrefix(password, "$argon2"):
		hash, err := parseArgon2(password)
		if err != nil {
			return credentials{}, err
		}
		c.argon2 = hash
	}
	return c, nil
}

// match takes the same time whichever of the two is wrong.
func (c credentials) match(username, password string) bool {
	name, pass := sha256.Sum256([]byte(username)), sha256.Sum256([]byte(password))
	right := subtle.ConstantTimeCompare(name[:], c.username[:])
	switch {
	case c.argon2 != nil:
		if !c.argon2.match(password) {
			right = 0
		}
	case c.hash != nil:
		if bcrypt.CompareHashAndPassword(c.hash, []byte(password)) != nil {
			right = 0
		}
	default:
		right &= subtle.ConstantTimeCompare(pass[:], c.password[:])
	}
	return c.set && right == 1
}

// sameToken compares in constant time; an unset token matches nothing.
func sameToken(given, token string) bool {
	g, t := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(token))
	return token != "" && subtle.ConstantTimeCompare(g[:], t[:]) == 1
}
