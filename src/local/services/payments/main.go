// Command payments is a sample service: it takes payments and keeps none.
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
	"syscall"
	"time"
)

type payment struct {
	Reference string `json:"reference"`
	Cents     int    `json:"cents"`
}

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
		answer(w, http.StatusOK, map[string]string{"service": "payments", "version": environment("VERSION", "dev")})
	})
	mux.HandleFunc("GET /payments", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, []payment{{Reference: "demo", Cents: 2100}})
	})
	mux.HandleFunc("POST /payments", take)
	return mux
}

func take(w http.ResponseWriter, r *http.Request) {
	var wanted payment
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10)).Decode(&wanted); err != nil {
		answer(w, http.StatusBadRequest, map[string]string{"error": "the payment must be a JSON object"})
		return
	}
	if wanted.Reference == "" || wanted.Cents < 1 {
		answer(w, http.StatusUnprocessableEntity, map[string]string{"error": "reference and cents are needed"})
		return
	}
	answer(w, http.StatusCreated, map[string]any{"reference": wanted.Reference, "status": "taken"})
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
