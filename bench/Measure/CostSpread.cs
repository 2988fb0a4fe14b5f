namespace IotPlatform.Bench.Measure;

/// <summary>What a delivery costs a server at several sizes, and how far these costs lie apart.</summary>
internal sealed class CostSpread
{
    private readonly List<(int Size, double Cost)> _costs = [];

    public void Add(int size, Figures figures)
    {
        if (figures.Find("server_cpu_us") is { } cost)
        {
            _costs.Add((size, cost));
        }
    }

    /// <summary>The cost at each size, and of the dearest by the mean, and of the cheapest.</summary>
    public ResultLine AppendTo(ResultLine line)
    {
        foreach (var (size, cost) in _costs)
        {
            line.Add($"server_cpu_us_{size}", cost);
        }

        var mean = _costs.Average(static each => each.Cost);
        return line.Add("max_by_mean", _costs.Max(static each => each.Cost) / mean).Add("min_by_mean", _costs.Min(static each => each.Cost) / mean);
    }
}
