package org.xdp4j.bench;

import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.HorizontalBarChart;
import org.knowm.xchart.HorizontalBarChartBuilder;
import org.knowm.xchart.style.Styler.LegendPosition;

/**
 * The ratios as a picture: a bar a workload, our cost to the peer's, so that 1 is as fast and
 * shorter is faster, and what we want it to be beside it.
 */
final class Chart {
  private static final int WIDTH = 1200;

  /** Below some 75 pixels a row the chart leaves every other name out. */
  private static final int ROW = 90;

  private static final int FRAME = 160;

  /** Bars longer than this would leave no room for the others. */
  private static final double LONGEST = 3;

  private Chart() {}

  /** Writes the picture; says whether there was anything to show. */
  static boolean write(Path png, Map<String, String> machine, List<Row> rows) throws IOException {
    List<String> names = new ArrayList<>();
    List<Double> ratios = new ArrayList<>();
    List<Double> bars = new ArrayList<>();
    for (Row row : rows.reversed()) {
      if (row.theirs() != null) {
        names.add(row.workload() + " / " + row.peer());
        ratios.add(cost(row, row.ratio().median()));
        bars.add(Double.isNaN(row.bar()) ? 0 : cost(row, row.bar()));
      }
    }
    if (names.isEmpty()) {
      return false;
    }
    HorizontalBarChart chart =
        new HorizontalBarChartBuilder()
            .width(WIDTH)
            .height(FRAME + ROW * names.size())
            .title("xdp4j's cost to its peers' (1 = as fast, shorter is faster), " + where(machine))
            .xAxisTitle("ratio of medians of rounds; bars end at " + Numbers.short3(LONGEST))
            .build();
    chart.getStyler().setLegendPosition(LegendPosition.OutsideS);
    chart.getStyler().setChartBackgroundColor(Color.WHITE);
    chart.getStyler().setSeriesColors(new Color[] {new Color(0xb8c4d0), new Color(0x1f6feb)});
    chart.getStyler().setLabelsVisible(true);
    chart.getStyler().setLabelsFontColor(Color.BLACK);
    chart.getStyler().setXAxisMin(0.0);
    chart.addSeries("wanted at the most", bars, names);
    chart.addSeries("measured", ratios, names);
    ImageIO.write(BitmapEncoder.getBufferedImage(chart), "png", png.toFile());
    return true;
  }

  private static String where(Map<String, String> machine) {
    return machine.get("cpu") + ", " + machine.get("date").substring(0, 10);
  }

  /** A ratio of rates turned round, so that less is better for all. */
  private static double cost(Row row, double ratio) {
    return Math.min(LONGEST, row.unit().lessIsBetter() ? ratio : 1 / ratio);
  }
}
