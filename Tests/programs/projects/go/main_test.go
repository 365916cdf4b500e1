package main

import "testing"

func TestSum(t *testing.T) {
	if sum(1, 2, 3) != 6 {
		t.Fatal("wrong")
	}
}

func TestAsk(t *testing.T) {
	if text, err := ask(); text != "/asked" || err != nil {
		t.Fatal(text, err)
	}
}
