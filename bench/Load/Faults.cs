namespace IotPlatform.Bench.Load;

/// <summary>What went wrong under load: counted, and the first few told. Any fault fails the scenario.</summary>
internal sealed class Faults
{
    private const int ToldMax = 5;

    private readonly List<string> _told = [];

    public long Count { get; private set; }

    public IReadOnlyList<string> Told => _told;

    /// <summary>Adds those of another thread that has ended.</summary>
    public void AddAll(Faults others)
    {
        foreach (var told in others._told)
        {
            Add(told);
        }

        Count += others.Count - others._told.Count;
    }

    public void Add(string what)
    {
        Count++;
        if (_told.Count < ToldMax)
        {
            _told.Add(what);
        }
    }
}
