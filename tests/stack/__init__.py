"""Real servers for tests and for people: Apache Kafka, Kafka Connect with
Debezium, PostgreSQL, and Sluice's own programs, each on free ports, each
stopped by its process id. Standard library only."""
