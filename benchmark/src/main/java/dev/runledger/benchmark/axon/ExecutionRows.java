package dev.runledger.benchmark.axon;

import java.util.UUID;
import org.springframework.data.jpa.repository.JpaRepository;

interface ExecutionRows extends JpaRepository<ExecutionRow, UUID> {}
