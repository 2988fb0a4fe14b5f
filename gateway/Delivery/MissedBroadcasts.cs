using IotPlatform.Sessions;

namespace IotPlatform.Delivery;

/// <summary>The broadcasts that a device has missed while it was away, and is to get because it has come in time.</summary>
/// <param name="known">Those that it was asked of whether the device has had them: no pass writes these to it.</param>
/// <param name="missed">Those that it has not had, in their order.</param>
/// <param name="before">What was found out before, if anything.</param>
internal sealed class MissedBroadcasts(OngoingBroadcast[] known, OngoingBroadcast[] missed, MissedBroadcasts? before) : IBroadcastWork
{
    private bool _isWritten;

    /// <summary>The connection that this is of.</summary>
    public required MqttConnection Connection { get; init; }

    /// <summary>Whether a broadcast is the business of this, and of no pass.</summary>
    public bool Has(BroadcastFrame frame) => Array.IndexOf(known, frame.Ongoing) >= 0 || before?.Has(frame) == true;

    /// <summary>Whether a broadcast is still to be written by this.</summary>
    public bool IsToWrite(OngoingBroadcast broadcast) => !_isWritten && Array.IndexOf(missed, broadcast) >= 0;

    /// <summary>Writes them, once. Called in the turns of the product.</summary>
    public void Write()
    {
        if (_isWritten || Connection is not { Session: { } session, Peer: { } peer } || session.Peer != peer)
        {
            return;
        }

        _isWritten = true;
        foreach (var broadcast in missed)
        {
            if (!broadcast.IsForThoseWhoCome || session.IsAwaiting(broadcast.Frame))
            {
                continue;
            }

            if (broadcast.HasRate)
            {
                broadcast.PutInLineLate(Connection);
                continue;
            }

            broadcast.Frame.Refresh();
            broadcast.TriedLate(session.TryBroadcast(peer, broadcast.Frame, isRepeated: true));
        }
    }

    bool IBroadcastWork.DoPart()
    {
        Write();
        if (Connection.Missed == this)
        {
            // Whatever it knows of was in line before this: the passes of those are over.
            Connection.Missed = null;
        }

        return true;
    }

    // It is on its connection only: the device gets it with the next one, at QoS 1.
    void IBroadcastWork.Fail(Exception exception) => Connection.Disconnect(Mqtt.ReasonCode.UnspecifiedError);
}
