package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLineFitsTheTerminal(t *testing.T) {
	t.Parallel()
	line := "151 synced from Salesforce: Hagåtña"
	require.Equal(t, line, fitted(line, 0), "not known")
	require.Equal(t, line, fitted(line, 80))
	for width := 2; width <= len([]rune(line)); width++ {
		got := []rune(fitted(line, width))
		require.Len(t, got, width-1)
		require.True(t, strings.HasPrefix(line, strings.TrimSuffix(string(got), "…")))
	}
}
