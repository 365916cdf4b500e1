// Command greeting adds numbers on goroutines and asks itself over HTTP.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"sync"
)

func sum(numbers ...int) int {
	var group sync.WaitGroup
	var lock sync.Mutex
	total := 0
	for _, number := range numbers {
		group.Add(1)
		go func(number int) {
			defer group.Done()
			lock.Lock()
			total += number
			lock.Unlock()
		}(number)
	}
	group.Wait()
	return total
}

func ask() (string, error) {
	listener, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	go http.Serve(listener, http.HandlerFunc(func(writer http.ResponseWriter, request *http.Request) {
		fmt.Fprint(writer, request.URL.Path)
	}))
	answer, err := http.Get("http://" + listener.Addr().String() + "/asked")
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return string(text), err
}

func main() {
	fmt.Println(sum(1, 2, 39))
	text, err := ask()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(text)
	output, err := exec.Command("echo", "from a child").Output()
	fmt.Print(string(output), err, "\n")
}
