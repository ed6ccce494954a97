package dev.runlore.examples;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/** A logistic regression, as its folder has it: {@code weights.properties}, a number for each feature and a bias. */
record Model(long version, Map<String, Double> weights) {
  private static final String BIAS = "bias";

  static Model load(long version, Path folder) throws IOException {
    Properties properties = new Properties();
    try (Reader text = Files.newBufferedReader(folder.resolve("weights.properties"))) {
      properties.load(text);
    }
    Map<String, Double> weights = new TreeMap<>();
    properties.forEach((name, weight) -> weights.put((String) name, Double.valueOf((String) weight)));
    return new Model(version, weights);
  }

  /** The probability; features that the model does not know count nothing. */
  double predict(Map<String, Double> features) {
    double sum = weights.getOrDefault(BIAS, 0.0);
    for (Map.Entry<String, Double> feature : features.entrySet()) {
      sum += weights.getOrDefault(feature.getKey(), 0.0) * feature.getValue();
    }
    return 1 / (1 + Math.exp(-sum));
  }
}
