namespace IotPlatform.Bench.Load;

/// <summary>How many messages to how many devices, and by how many callers at a time.</summary>
internal sealed record MessageLoad(int Devices, int Messages, int Callers, int PayloadBytes)
{
    /// <summary>How long the same load runs before it is measured, so that just-in-time compilers are done.</summary>
    public required TimeSpan WarmUp { get; init; }

    /// <summary>Without any answer or delivery for this long, what is still missing is taken as lost.</summary>
    public required TimeSpan Patience { get; init; }
}
