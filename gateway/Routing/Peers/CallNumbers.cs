namespace IotPlatform.Routing.Peers;

/// <summary>
/// Numbers the calls of this gateway to others. Of two calls to one gateway the later has the higher number, also where that gateway was taken for gone between
/// them: it must not take the one for the other.
/// </summary>
internal sealed class CallNumbers
{
    private long _last;

    public long Next() => Interlocked.Increment(ref _last);
}
