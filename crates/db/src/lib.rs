//! Schema, queries, transactions and migrations for PostgreSQL and SQLite
