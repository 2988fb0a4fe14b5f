using System.Buffers.Binary;
using System.Collections.Concurrent;
using IotPlatform.Transport;

namespace IotPlatform.Unit.Tests.Transport;

/// <summary>Takes frames of a four-byte length and as many bytes, and checks that it is never called by two threads at once.</summary>
internal sealed class FrameHandler : IConnectionHandler
{
    private const int HeaderBytes = 4;

    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _inside;
    private int _closedCount;

    public ConcurrentQueue<byte[]> Frames { get; } = new();

    public int ClosedCount => Volatile.Read(ref _closedCount);

    public Task WhenClosed => _closed.Task;

    /// <summary>Two threads were in it, or it was called after its end.</summary>
    public bool WasMisused { get; private set; }

    public bool IsInside => Volatile.Read(ref _inside) > 0;

    public Func<byte[], ReceiveOutcome> OnFrame { get; set; } = static _ => ReceiveOutcome.Continue;

    public static byte[] FrameOf(params ReadOnlySpan<byte> body)
    {
        var frame = new byte[HeaderBytes + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, body.Length);
        body.CopyTo(frame.AsSpan(HeaderBytes));
        return frame;
    }

    public (int Taken, ReceiveOutcome Outcome) Received(ReadOnlySpan<byte> received, out int needed)
    {
        WasMisused |= Interlocked.Increment(ref _inside) != 1 || ClosedCount > 0;
        var taken = 0;
        var outcome = ReceiveOutcome.Continue;
        while (outcome == ReceiveOutcome.Continue && LengthOf(received[taken..]) is var length && received.Length - taken >= length && length > 0)
        {
            var frame = received.Slice(taken + HeaderBytes, length - HeaderBytes).ToArray();
            taken += length;
            outcome = OnFrame(frame);
            Frames.Enqueue(frame);
        }

        needed = outcome == ReceiveOutcome.Continue ? LengthOf(received[taken..]) : 0;
        Interlocked.Decrement(ref _inside);
        return (taken, outcome);
    }

    public void Closed()
    {
        WasMisused |= IsInside;
        Interlocked.Increment(ref _closedCount);
        _closed.TrySetResult();
    }

    private static int LengthOf(ReadOnlySpan<byte> bytes) => bytes.Length < HeaderBytes ? 0 : HeaderBytes + BinaryPrimitives.ReadInt32BigEndian(bytes);
}
