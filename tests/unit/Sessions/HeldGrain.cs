using IotPlatform.Devices;

namespace IotPlatform.Unit.Tests.Sessions;

/// <summary>A device's grain that has left memory, and does not come back before it is let go.</summary>
internal sealed class HeldGrain : IDisposable
{
    private readonly TaskCompletionSource _load = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private HeldGrain()
    {
    }

    public static HeldGrain Of(Edge edge)
    {
        var held = new HeldGrain();
        edge.Time.Advance(2 * IDeviceGrain.AttachmentTime);
        edge.Host.Messages.OnLoad = _ => new ValueTask(held._load.Task);
        return held;
    }

    public void LetGo() => _load.TrySetResult();

    public void Break() => _load.TrySetException(new IOException("The disk is broken."));

    /// <summary>An engine does not end before its grains are loaded.</summary>
    public void Dispose() => LetGo();
}
