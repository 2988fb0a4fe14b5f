using System.Text;

namespace IotPlatform.Mqtt.Topics;

/// <summary>
/// The subscribers that share one filter under one share name (MQTT 5.0, section 4.8.2): each message goes to one of them. Which one is the
/// server's choice; <see cref="Pick"/> takes turns. Safe to use while members come and go.
/// </summary>
public sealed class ShareGroup<TSubscriber, TValue>
    where TSubscriber : notnull
{
    private readonly byte[] _name;
    private Subscription<TSubscriber, TValue>[] _members = [];
    private uint _turn;

    internal ShareGroup(ReadOnlySpan<byte> name, ReadOnlySpan<byte> filter)
    {
        _name = name.ToArray();
        Filter = $"$share/{Encoding.UTF8.GetString(name)}/{Encoding.UTF8.GetString(filter)}";
    }

    /// <summary>The whole filter, <c>$share/{name}/{filter}</c>: what tells this group from all others.</summary>
    public string Filter { get; }

    /// <summary>The share name.</summary>
    public string Name => Encoding.UTF8.GetString(_name);

    /// <summary>The share name in UTF-8.</summary>
    public ReadOnlySpan<byte> NameBytes => _name;

    /// <summary>The members at this moment, for a server that chooses by its own rule. Empty when the last one has just left.</summary>
    public ReadOnlySpan<Subscription<TSubscriber, TValue>> Members => Volatile.Read(ref _members);

    /// <summary>
    /// The member whose turn it is, or null when the last one has just left. To pass over members that cannot take the message, call again at most
    /// as often as there are <see cref="Members"/>.
    /// </summary>
    public Subscription<TSubscriber, TValue>? Pick()
    {
        var members = Volatile.Read(ref _members);
        return members.Length == 0 ? null : members[Interlocked.Increment(ref _turn) % (uint)members.Length];
    }

    /// <summary>Adds or replaces a member. The array is copied: groups are small, and readers keep the one they have.</summary>
    internal bool Set(Subscription<TSubscriber, TValue> member)
    {
        var index = IndexOf(member.Subscriber);
        var isNew = index < 0;
        var members = new Subscription<TSubscriber, TValue>[_members.Length + (isNew ? 1 : 0)];
        _members.CopyTo(members, 0);
        members[isNew ? ^1 : index] = member;
        Volatile.Write(ref _members, members);
        return isNew;
    }

    internal bool Remove(TSubscriber subscriber)
    {
        var index = IndexOf(subscriber);
        if (index < 0)
        {
            return false;
        }

        var members = new Subscription<TSubscriber, TValue>[_members.Length - 1];
        Array.Copy(_members, members, index);
        Array.Copy(_members, index + 1, members, index, members.Length - index);
        Volatile.Write(ref _members, members);
        return true;
    }

    private int IndexOf(TSubscriber subscriber)
    {
        for (var i = 0; i < _members.Length; i++)
        {
            if (EqualityComparer<TSubscriber>.Default.Equals(_members[i].Subscriber, subscriber))
            {
                return i;
            }
        }

        return -1;
    }
}
