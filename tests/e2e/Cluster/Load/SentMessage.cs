using System.Collections.Concurrent;
using IotPlatform.E2e.Tests.Gateways;

namespace IotPlatform.E2e.Tests.Cluster.Load;

/// <summary>A device message, as its caller and its device saw it.</summary>
internal sealed class SentMessage(Device device, string messageId)
{
    public Device Device => device;

    public string MessageId => messageId;

    /// <summary>A caller was told that it is accepted.</summary>
    public bool IsAccepted { get; set; }

    /// <summary>In which sessions it arrived, in order, and whether it was marked as a duplicate.</summary>
    public ConcurrentQueue<Arrival> Arrivals { get; } = new();

    public bool HasArrived => !Arrivals.IsEmpty;

    /// <summary>Arrivals after the first.</summary>
    public int Duplicates => Math.Max(0, Arrivals.Count - 1);

    /// <summary>
    /// Arrivals that the standard wants marked, and that were not. [MQTT-3.3.1-1] A server that sends a PUBLISH again sets DUP; it knows of the first time by
    /// the session's state. A session that has ended, such as with its gateway's process, takes that knowledge with it: what arrives in another session is
    /// new there, and may come without DUP.
    /// </summary>
    public IEnumerable<Arrival> Unmarked()
    {
        var sessions = new HashSet<SessionKey>();
        foreach (var arrival in Arrivals)
        {
            if (!sessions.Add(arrival.Session) && !arrival.IsMarked)
            {
                yield return arrival;
            }
        }
    }
}
