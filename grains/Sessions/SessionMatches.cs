using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Topics;

namespace IotPlatform.Sessions;

/// <summary>What a topic matches in a shard. Used again for the next topic.</summary>
internal sealed class SessionMatches
{
    private readonly HashSet<StoredSession> _seen = [];

    public List<StoredSession> Sessions { get; } = [];

    public List<ShareGroup<StoredSession, QoS>> Shares { get; } = [];

    public void Add(StoredSession session)
    {
        if (_seen.Add(session))
        {
            Sessions.Add(session);
        }
    }

    public void Clear()
    {
        _seen.Clear();
        Sessions.Clear();
        Shares.Clear();
    }
}
