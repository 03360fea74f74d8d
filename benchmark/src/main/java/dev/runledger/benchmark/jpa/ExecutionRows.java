package dev.runledger.benchmark.jpa;

import org.springframework.data.jpa.repository.JpaRepository;

interface ExecutionRows extends JpaRepository<ExecutionRow, ExecutionKey> {}
