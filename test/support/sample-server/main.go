// Command sample-server is what integration tests run in containers. Its image's env says how it behaves.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
	"strconv"
	"time"
)

func main() {
	health, _ := strconv.Atoi(os.Getenv("HEALTH_STATUS"))
	if health == 0 {
		health = http.StatusOK
	}
	http.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(health) })
	http.HandleFunc("/fail", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) })
	http.HandleFunc("/crash", func(http.ResponseWriter, *http.Request) { os.Exit(3) })
	http.HandleFunc("/slow", func(w http.ResponseWriter, r *http.Request) {
		ms, _ := strconv.Atoi(r.URL.Query().Get("ms"))
		time.Sleep(time.Duration(ms) * time.Millisecond)
		fmt.Fprintln(w, "slow")
	})
	// What the container may do, for tests of its walls.
	http.HandleFunc("/jail", func(w http.ResponseWriter, _ *http.Request) {
		status, _ := os.ReadFile("/proc/self/status")
		fmt.Fprintln(w, string(status))
		fmt.Fprintln(w, "write /:", os.WriteFile("/made", nil, 0o600))
		fmt.Fprintln(w, "write /tmp:", os.WriteFile("/tmp/made", nil, 0o600))
		_, err := os.ReadFile("/proc/kcore")
		fmt.Fprintln(w, "read kcore:", err)
	})
	latency, _ := time.ParseDuration(os.Getenv("LATENCY"))
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(latency)
		if !has(os.Getenv("ANSWERS_FROM")) {
			w.WriteHeader(500)
			return
		}
		fmt.Fprint(w, os.Getenv("VERSION"))
	})
	if file := os.Getenv("STARTS_FROM"); !has(file) {
		log.Fatalf("%s is not there", file)
	}
	if life, _ := time.ParseDuration(os.Getenv("CRASH_AFTER")); life > 0 {
		time.AfterFunc(life, func() { log.Fatalf("crashed after %s", life) })
	}
	log.Printf("version %s with health %d", os.Getenv("VERSION"), health)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}

// has tells whether the base brought a file; none is asked for by an empty name.
func has(file string) bool {
	if file == "" {
		return true
	}
	_, err := os.Stat(file)
	return err == nil
}
