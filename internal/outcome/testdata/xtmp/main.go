package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/callhenk/henk-worker/internal/outcome"
)

func main() {
	f, err := os.Open(os.Args[1])
	if err != nil {
		panic(err)
	}
	cs, err := outcome.ReadCases(f)
	if err != nil {
		panic(err)
	}
	r := outcome.Evaluate(cs)
	if len(os.Args) > 2 {
		json.NewEncoder(os.Stdout).Encode(r)
		return
	}
	if err := r.WriteText(os.Stdout); err != nil {
		fmt.Println(err)
	}
}
