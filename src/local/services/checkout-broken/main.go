// Command checkout, a version with a bug: about three requests in ten end in a 500. Its health path does not show it.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"
)

type item struct {
	SKU      string `json:"sku"`
	Quantity int    `json:"quantity"`
	Cents    int    `json:"cents"`
}

var prices = map[string]int{"tea": 450, "cup": 1200, "kettle": 4900}

func main() {
	if err := run(); err != nil {
		slog.Error("stopped", "error", err)
		os.Exit(1)
	}
}

func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	server := &http.Server{
		Addr:              net.JoinHostPort(environment("HOST", "127.0.0.1"), environment("PORT", "8080")),
		Handler:           routes(),
		ReadHeaderTimeout: 5 * time.Second,
		WriteTimeout:      10 * time.Second,
	}
	go func() {
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = server.Shutdown(grace)
	}()
	slog.Info("listening", "address", server.Addr)
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]string{"status": "ok"})
	})
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]string{"service": "checkout", "version": environment("VERSION", "dev")})
	})
	mux.HandleFunc("GET /cart", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, total([]item{{SKU: "tea", Quantity: 2}, {SKU: "cup", Quantity: 1}}))
	})
	mux.HandleFunc("POST /cart", addUp)
	return withDiscount(mux)
}

var (
	requests  atomic.Int64
	discounts = [10]int{0, 5, 0, 10, 0, 15, 20}
)

// withDiscount is the bug: the last three slots of the table were never filled, and dividing by them panics.
func withDiscount(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/healthz" {
			defer func() {
				if reason := recover(); reason != nil {
					slog.Error("request failed", "path", r.URL.Path, "reason", reason)
					answer(w, http.StatusInternalServerError, map[string]string{"error": "internal error"})
				}
			}()
			slot := int(requests.Add(1) % int64(len(discounts)))
			if slot > 6 {
				w.Header().Set("X-Discount", strconv.Itoa(100/discounts[slot]))
			}
		}
		next.ServeHTTP(w, r)
	})
}

func addUp(w http.ResponseWriter, r *http.Request) {
	var items []item
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10)).Decode(&items); err != nil {
		answer(w, http.StatusBadRequest, map[string]string{"error": "the cart must be a JSON list of items"})
		return
	}
	for _, one := range items {
		if _, known := prices[one.SKU]; !known || one.Quantity < 1 || one.Quantity > 1000 {
			answer(w, http.StatusUnprocessableEntity, map[string]string{"error": "no such item: " + one.SKU})
			return
		}
	}
	answer(w, http.StatusOK, total(items))
}

func total(items []item) map[string]any {
	sum := 0
	for i, one := range items {
		items[i].Cents = prices[one.SKU] * one.Quantity
		sum += items[i].Cents
	}
	return map[string]any{"items": items, "totalCents": sum}
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func environment(name, fallback string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return fallback
}
