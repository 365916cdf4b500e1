package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"sync"
	"time"
)

func main() {
	var group sync.WaitGroup
	var lock sync.Mutex
	sum := 0
	for i := 0; i < 100; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			// Long enough to be preempted by SIGURG.
			end := time.Now().Add(2 * time.Millisecond)
			for time.Now().Before(end) {
			}
			lock.Lock()
			sum++
			lock.Unlock()
		}()
	}
	group.Wait()
	output, err := exec.Command("echo", "child").Output()
	fmt.Println(sum, string(output), err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	go func() {
		connection, _ := listener.Accept()
		connection.Write([]byte("over tcp"))
		connection.Close()
	}()
	connection, err := net.Dial("tcp", listener.Addr().String())
	buffer := make([]byte, 100)
	n, err := connection.Read(buffer)
	fmt.Println(string(buffer[:n]), err, os.WriteFile("file", buffer[:n], 0o644))
}
