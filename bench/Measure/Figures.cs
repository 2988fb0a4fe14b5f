namespace IotPlatform.Bench.Measure;

/// <summary>Named numbers in the order in which they are printed.</summary>
internal sealed class Figures
{
    private readonly OrderedDictionary<string, double> _values = [];

    public Figures Add(string key, double value)
    {
        _values.Add(key, value);
        return this;
    }

    /// <summary>Adds another's figures behind its own.</summary>
    public Figures AddAll(Figures others)
    {
        foreach (var (key, value) in others._values)
        {
            Add(key, value);
        }

        return this;
    }

    /// <summary>A figure that was added; null when it was not.</summary>
    public double? Find(string key) => _values.TryGetValue(key, out var value) ? value : null;

    /// <summary>Adds 50th and 99th percentile, in milliseconds.</summary>
    public Figures AddPercentiles(string key, LatencyHistogram histogram) =>
        Add($"{key}_p50", histogram.MillisecondsAt(0.50)).Add($"{key}_p99", histogram.MillisecondsAt(0.99));

    /// <summary>Adds this figure's ratio to the yardstick's where both have it.</summary>
    public void AddRatio(string ratioKey, string key, Figures yardstick)
    {
        if (_values.TryGetValue(key, out var value) && yardstick._values.TryGetValue(key, out var unit) && unit > 0)
        {
            Add(ratioKey, value / unit);
        }
    }

    /// <summary>Adds by how much this figure is more than the yardstick's where both have it.</summary>
    public void AddDifference(string differenceKey, string key, Figures yardstick)
    {
        if (_values.TryGetValue(key, out var value) && yardstick._values.TryGetValue(key, out var other))
        {
            Add(differenceKey, value - other);
        }
    }

    public void AppendTo(ResultLine line)
    {
        foreach (var (key, value) in _values)
        {
            line.Add(key, value);
        }
    }

    /// <summary>The median of every figure on its own, over rounds that all have the same ones.</summary>
    public static Figures MedianOf(IReadOnlyList<Figures> rounds)
    {
        var median = new Figures();
        foreach (var key in rounds[0]._values.Keys)
        {
            var values = rounds.Select(round => round._values[key]).Order().ToArray();
            median.Add(key, (values[(values.Length - 1) / 2] + values[values.Length / 2]) / 2);
        }

        return median;
    }
}
