namespace IotPlatform.Fuzz;

/// <summary>How long a fuzz run is, and where it starts from.</summary>
/// <param name="Packets">Packets that are sent at least.</param>
/// <param name="Seed">What every connection's bytes follow from, together with its number.</param>
public sealed record FuzzOptions(int Packets, int Seed)
{
    /// <summary>Connections at a time.</summary>
    public int Clients { get; init; } = 16;

    /// <summary>
    /// What the heap may grow by, all garbage collected, however many packets there are: what is kept on purpose fills up to its bounds. Most of it are the logs of
    /// what sessions have been subscribed to, 16,384 changes in each of seventeen, and what is retained.
    /// </summary>
    public const long HeapGrowthBytesMax = 24 * 1024 * 1024;
}
