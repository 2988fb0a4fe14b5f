using IotPlatform.Diagnostics;
using IotPlatform.Hosting;

namespace IotPlatform.Delivery;

/// <summary>How many calls may wait for what devices of this gateway answer.</summary>
internal sealed class InvocationBound(InvocationOptions options, GatewayInstruments instruments)
{
    private int _waiting;

    /// <summary>Calls that may wait for one device.</summary>
    public int PerDeviceMax => options.WaitingPerDeviceMax;

    /// <summary>Calls that may wait.</summary>
    public int Max => options.WaitingMax;

    /// <summary>A call is about to wait.</summary>
    /// <returns>False when as many wait as may.</returns>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _waiting) > Max)
        {
            Interlocked.Decrement(ref _waiting);
            return false;
        }

        instruments.InvocationsWaiting(1);
        return true;
    }

    /// <summary>It does not wait any more.</summary>
    public void Leave()
    {
        Interlocked.Decrement(ref _waiting);
        instruments.InvocationsWaiting(-1);
    }
}
