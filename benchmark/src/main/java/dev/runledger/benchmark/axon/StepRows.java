package dev.runledger.benchmark.axon;

import org.springframework.data.jpa.repository.JpaRepository;

interface StepRows extends JpaRepository<StepRow, String> {}
