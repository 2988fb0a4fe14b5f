namespace IotPlatform.Bench.Load;

/// <summary>One device message on its way; times are <see cref="System.Diagnostics.Stopwatch"/> ticks, 0 for not yet.</summary>
internal struct MessageState
{
    public int Device;
    public long StartedAt;
    public long AnsweredAt;
    public long ArrivedAt;
}
