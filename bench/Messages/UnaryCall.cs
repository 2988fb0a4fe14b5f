using IotPlatform.Bench.Http2;

namespace IotPlatform.Bench.Messages;

/// <summary>One of the calls that a connection may have under way.</summary>
internal sealed class UnaryCall
{
    /// <summary>The message that it is about.</summary>
    public int Sequence { get; set; }

    public GrpcMessages Answer { get; } = new();
}
