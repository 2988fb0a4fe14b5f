using IotPlatform.Sessions;

namespace IotPlatform.Delivery;

/// <summary>The broadcasts that a device has missed while it was away, and is to get because it has come in time.</summary>
/// <param name="asked">Those that it was asked of whether the device has had them: no pass writes these to it.</param>
/// <param name="missed">Those that it has not had, in their order.</param>
/// <param name="before">What was found out before, if anything: is written first.</param>
internal sealed class MissedBroadcasts(OngoingBroadcast[] asked, OngoingBroadcast[] missed, MissedBroadcasts? before) : IBroadcastWork
{
    private bool _isWritten;

    /// <summary>The connection that this is of.</summary>
    public required MqttConnection Connection { get; init; }

    /// <summary>Whether a broadcast is the business of this, and of no pass.</summary>
    public bool Has(BroadcastFrame frame) => Array.IndexOf(asked, frame.Ongoing) >= 0 || before?.Has(frame) == true;

    /// <summary>Writes them, once. Called in the turns of the product.</summary>
    public void Write()
    {
        before?.Write();
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
        if (_isWritten && Connection.Missed == this)
        {
            // Whatever it knows of was in line before this: the passes of those are over. One that is not open yet comes once more when it is.
            Connection.Missed = null;
        }

        return true;
    }

    // It is on its connection only: the device gets it with the next one, at QoS 1.
    void IBroadcastWork.Fail(Exception exception) => Connection.Disconnect(Mqtt.ReasonCode.UnspecifiedError);
}
