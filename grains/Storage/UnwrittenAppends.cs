using System.Collections.Concurrent;
using IotPlatform.Devices;

namespace IotPlatform.Storage;

/// <summary>
/// Messages of sessions that wait for their batch. Most are acknowledged by then: such a one needs neither be written nor removed, and whoever waits for it
/// need not wait any longer. Bounded by the queue of the writer.
/// </summary>
internal sealed class UnwrittenAppends
{
    private readonly ConcurrentDictionary<(DeviceId Device, long Sequence), Entry> _entries = new();

    /// <summary>A message is about to be handed in.</summary>
    /// <param name="device">Whose session it is for.</param>
    /// <param name="sequence">Its place in the session.</param>
    /// <param name="complete">Completes its write.</param>
    public Entry Add(DeviceId device, long sequence, Action complete)
    {
        var entry = new Entry(complete);
        _entries[(device, sequence)] = entry;
        return entry;
    }

    /// <summary>It has been written, or will not be.</summary>
    public void Done(DeviceId device, long sequence) => _entries.TryRemove((device, sequence), out _);

    /// <summary>It is not needed any more.</summary>
    /// <returns>Whether it is not going to be written.</returns>
    public bool TryCancel(DeviceId device, long sequence) => _entries.TryRemove((device, sequence), out var entry) && entry.TryCancel();

    /// <summary>One message that waits.</summary>
    internal sealed class Entry(Action complete)
    {
        private const int Begun = 1;
        private const int Cancelled = 2;
        private int _state;

        /// <summary>Its batch is about to be written.</summary>
        /// <returns>Whether it belongs to it.</returns>
        public bool TryBegin() => Interlocked.CompareExchange(ref _state, Begun, 0) != Cancelled;

        public bool TryCancel()
        {
            if (Interlocked.CompareExchange(ref _state, Cancelled, 0) != 0)
            {
                return false;
            }

            complete();
            return true;
        }
    }
}
