namespace IotPlatform.Bench.Load;

/// <summary>One device message on its way; times are <see cref="System.Diagnostics.Stopwatch"/> ticks, 0 for not yet.</summary>
internal struct MessageState
{
    public int Device;

    /// <summary>0 until the platform has made one.</summary>
    public ulong MessageId;
    public long StartedAt;
    public long AnsweredAt;
    public long ArrivedAt;
}
